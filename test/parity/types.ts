/** What counts as the same on both engines, and why. Everything else that differs is declared in the notes, by revision. */

/** PostgreSQL's types and how SQLite's side of the schema says the same. */
export const TYPES: Record<string, { sqlite: string; reason: string }> = {
  uuid: { sqlite: 'CHAR(36)', reason: 'SQLite keeps a uuid as its text in lower case' },
  'timestamp with time zone': {
    sqlite: 'DATETIME',
    reason: 'text in UTC with six digits, whose order is that of the moments',
  },
  interval: { sqlite: 'DATETIME', reason: 'a duration is kept as the moment that lies so long after 1970' },
  jsonb: { sqlite: 'JSON', reason: 'SQLite keeps JSON as text' },
  json: { sqlite: 'JSON', reason: 'SQLite keeps JSON as text' },
  'character varying': { sqlite: 'VARCHAR', reason: 'the same, spelled otherwise' },
  text: { sqlite: 'TEXT', reason: 'the same' },
  boolean: { sqlite: 'BOOLEAN', reason: 'SQLite keeps 0 and 1' },
  smallint: { sqlite: 'SMALLINT', reason: 'any integer to SQLite' },
  integer: { sqlite: 'INTEGER', reason: 'any integer to SQLite' },
  bigint: { sqlite: 'BIGINT', reason: 'any integer to SQLite' },
  'double precision': { sqlite: 'FLOAT', reason: 'eight bytes on both' },
  bytea: { sqlite: 'BLOB', reason: 'the same, spelled otherwise' },
};

/** SQLite has no enumerations: the values are checked by the types of TypeScript and by whoever writes. */
export const ENUM_ON_SQLITE = 'VARCHAR';

/** SQLite doesn't enforce a length, and changing one would rebuild the largest tables: it is no fact. */
export const withoutLength = (type: string): string => type.replace(/^VARCHAR ?\(\d+\)$/, 'VARCHAR');

/** Defaults that are computed, by the word that stands for what they give. */
export const COMPUTED_DEFAULTS: [pattern: RegExp, word: string][] = [
  [/^(current_timestamp|strftime\('%Y-%m-%d %H:%M:%f000','now'\))$/, 'the time of the insert'],
  [/^(gen_random_uuid\(\)|lower\(hex\(randomblob\(4\)\)\).*)$/, 'a random uuid'],
];

/** Defaults that are values, which PostgreSQL prints with their type, and SQLite as they were written. */
export const SAME_VALUES: Record<string, string> = {
  // SQLite knows no booleans.
  true: '1',
  false: '0',
  // A duration of nothing, as Prefect's own chain for SQLite has it.
  '00:00:00': '0',
};
