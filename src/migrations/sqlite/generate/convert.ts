/**
 * Values of a column that gets another type, turned into what PostgreSQL's cast makes of them. One that can't be
 * turned fails the copy and is named: SQLite's own CAST would make 0 of it.
 */

import { quote } from '../../quotes.ts';
import type { SqliteColumn } from './ddl.ts';

type Kind = 'text' | 'uuid' | 'timestamp' | 'json' | 'boolean' | 'integer' | 'smallint' | 'real' | 'blob';

/** By the names that the schema gives to the forms in which values are stored; otherwise as SQLite's affinities go. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^char\(36\)|^uuid/, 'uuid'],
  [/^datetime|^timestamp/, 'timestamp'],
  [/^json/, 'json'],
  [/^bool/, 'boolean'],
  [/^smallint/, 'smallint'],
  [/int/, 'integer'],
  [/char|clob|text/, 'text'],
  [/real|floa|doub|numeric|decimal/, 'real'],
  [/blob|^$/, 'blob'],
];

function kindOf(type: string): Kind {
  return KINDS.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1] ?? 'real';
}

interface Conversion {
  readonly value: (column: string) => string;
  /** Which values have one; all of them when it isn't given. */
  readonly from?: (column: string) => string;
  /** What the others are not. */
  readonly noun?: string;
}

const trimmed = (column: string) => `trim(${column}, char(9, 10, 11, 12, 13, 32))`;
const WORDS = {
  true: "'t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1'",
  false: "'f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0'",
};
const isWhole = (column: string) =>
  `${trimmed(column)} GLOB '[-+0-9]*' AND ${trimmed(column)} GLOB '*[0-9]' ` +
  `AND substr(${trimmed(column)}, 2) NOT GLOB '*[^0-9]*' AND typeof(CAST(${trimmed(column)} AS NUMERIC)) = 'integer'`;
const fitsSmall = (value: string) => `${value} BETWEEN -32768 AND 32767`;
/** PostgreSQL rounds a half to the even neighbour. */
const rounded = (column: string) =>
  `CASE WHEN abs(${column} - CAST(${column} AS INTEGER)) = 0.5 THEN CAST(2 * round(${column} / 2) AS INTEGER) ` +
  `ELSE CAST(round(${column}) AS INTEGER) END`;
const hexOf = (column: string) => `lower(replace(replace(replace(${column}, '-', ''), '{', ''), '}', ''))`;
/** Without its fraction, and with the minutes that SQLite wants in an offset. */
const moment = (column: string) =>
  `(substr(${column}, 1, 19) || ltrim(substr(${column}, 20), '.0123456789') || ` +
  `CASE WHEN substr(${column}, 20) GLOB '*[-+][0-9][0-9]' THEN ':00' ELSE '' END)`;

const asText: Conversion = { value: (column) => `CAST(${column} AS TEXT)` };
const unchanged: Conversion = { value: (column) => column };

const CONVERSIONS: Partial<Record<`${Kind} to ${Kind}`, Conversion>> = {
  'text to integer': {
    from: isWhole,
    value: (column) => `CAST(${trimmed(column)} AS INTEGER)`,
    noun: 'integer',
  },
  'text to smallint': {
    from: (column) => `${isWhole(column)} AND ${fitsSmall(`CAST(${trimmed(column)} AS INTEGER)`)}`,
    value: (column) => `CAST(${trimmed(column)} AS INTEGER)`,
    noun: 'integer of two bytes',
  },
  'text to real': {
    // The comparison takes the text for a number only when all of it is one.
    from: (column) => `CAST(${trimmed(column)} AS NUMERIC) = ${trimmed(column)}`,
    value: (column) => `CAST(${trimmed(column)} AS REAL)`,
    noun: 'number',
  },
  'text to boolean': {
    from: (column) => `lower(${trimmed(column)}) IN (${WORDS.true}, ${WORDS.false})`,
    value: (column) => `lower(${trimmed(column)}) IN (${WORDS.true})`,
    noun: 'boolean',
  },
  'text to json': {
    from: (column) => `json_valid(${column})`,
    // As the server stores it: SQLite would make a number of a text that is one.
    value: (column) =>
      `CASE WHEN ltrim(${column}) GLOB '[-0-9]*' THEN CAST(${column} AS BLOB) ELSE ${column} END`,
    noun: 'JSON',
  },
  'text to uuid': {
    from: (column) => `length(${hexOf(column)}) = 32 AND ${hexOf(column)} NOT GLOB '*[^0-9a-f]*'`,
    value: (column) =>
      [
        [1, 8],
        [9, 4],
        [13, 4],
        [17, 4],
        [21, 12],
      ]
        .map(([start, length]) => `substr(${hexOf(column)}, ${start}, ${length})`)
        .join(" || '-' || "),
    noun: 'UUID',
  },
  'text to timestamp': {
    from: (column) => `${column} GLOB '[0-9][0-9][0-9][0-9]-*' AND datetime(${moment(column)}) IS NOT NULL`,
    value: (column) =>
      `datetime(${moment(column)}) || ` +
      `printf('.%06d', CAST(round(CAST('0' || substr(${column}, 20) AS REAL) * 1000000) AS INTEGER))`,
    noun: 'timestamp',
  },
  'uuid to text': unchanged,
  'json to text': asText,
  'blob to text': asText,
  'text to blob': { value: (column) => `CAST(${column} AS BLOB)` },
  'integer to text': asText,
  'smallint to text': asText,
  'real to text': {
    value: (column) =>
      `CAST(CASE WHEN abs(${column}) < 1e15 AND ${column} = CAST(${column} AS INTEGER) ` +
      `THEN CAST(${column} AS INTEGER) ELSE ${column} END AS TEXT)`,
  },
  'boolean to text': { value: (column) => `CASE WHEN ${column} THEN 'true' ELSE 'false' END` },
  'timestamp to text': {
    value: (column) =>
      `CASE WHEN instr(${column}, '.') THEN rtrim(rtrim(${column}, '0'), '.') ELSE ${column} END || '+00'`,
  },
  'boolean to integer': unchanged,
  'boolean to smallint': unchanged,
  'integer to boolean': { value: (column) => `${column} <> 0` },
  'smallint to boolean': { value: (column) => `${column} <> 0` },
  'integer to real': { value: (column) => `CAST(${column} AS REAL)` },
  'smallint to real': { value: (column) => `CAST(${column} AS REAL)` },
  'boolean to real': { value: (column) => `CAST(${column} AS REAL)` },
  'real to boolean': { value: (column) => `${column} <> 0` },
  'smallint to integer': unchanged,
  'integer to smallint': { from: fitsSmall, value: (column) => column, noun: 'integer of two bytes' },
  'real to integer': {
    from: (column) => `abs(${column}) < 9223372036854775000`,
    value: rounded,
    noun: 'integer',
  },
  'real to smallint': {
    from: (column) => fitsSmall(`round(${column})`),
    value: rounded,
    noun: 'integer of two bytes',
  },
};

/** The SQL of a column's value after the change of its type; NULL stays NULL. */
export function converted(table: string, old: SqliteColumn, column: SqliteColumn): string {
  const name = quote(old.name);
  const [before, after] = [kindOf(old.type), kindOf(column.type)];
  if (before === after) return name;
  const direct = CONVERSIONS[`${before} to ${after}`];
  if (direct === unchanged) return name;
  // The way by text is open to every type, as on PostgreSQL.
  const text = CONVERSIONS[`${before} to text`] ?? unchanged;
  const conversion = direct ?? CONVERSIONS[`text to ${after}`]!;
  const value = direct ? name : text.value(name);
  const whens = [`WHEN ${name} IS NULL THEN NULL`];
  if (conversion.from) whens.push(`WHEN ${conversion.from(value)} THEN ${conversion.value(value)}`);
  const otherwise = conversion.from
    ? failure(`${table}.${old.name}`, name, conversion.noun!)
    : conversion.value(value);
  return `CASE ${whens.join(' ')} ELSE ${otherwise} END`;
}

/** SQLite has no function that fails with a message of one's own, but a path that is none is named by its error. */
function failure(place: string, value: string, noun: string): string {
  return `json_extract('{}', '${place.replaceAll("'", "''")} holds ' || quote(${value}) || ', which is no ${noun}')`;
}
