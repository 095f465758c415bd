import type { Catalog, CatalogColumn, CatalogEnum, CatalogIndex, CatalogKey } from '../catalog/catalog.ts';
import type { Difference } from '../catalog/diff.ts';
import type { Remedy } from '../doctor/judgement.ts';
import { literal, quote } from '../quotes.ts';

const BACKUP = 'restore it from a backup';

/** The exact statements that make a difference good; as a fix only those that can lose nothing. */
export function pgRemedy(difference: Difference, expected: Catalog, found: Catalog): Remedy {
  const { kind, table, name, change } = difference;
  if (kind === 'extension') return fixes(`CREATE EXTENSION IF NOT EXISTS ${quote(name)}`);
  if (kind === 'enum') return enumRemedy(name, expected, found);
  if (kind === 'table' && change === 'missing') return { advice: BACKUP };
  if (kind === 'table') return dropIf('nobody needs it', `DROP TABLE ${quote(name)}`);
  if (kind === 'index') return indexRemedy(difference, expected, found);
  if (kind === 'column') return columnRemedy(difference, expected, found);
  if (kind === 'primary key' || kind === 'unique' || kind === 'foreign key' || kind === 'check')
    return constraintRemedy(difference, expected, found);
  if (kind === 'trigger' && change === 'extra')
    return dropIf('it is not yours', `DROP TRIGGER ${quote(name)} ON ${quote(table!)}`);
  return { advice: 'put back by hand what is expected, or restore a backup' };
}

const fixes = (...fix: string[]): Remedy => ({ advice: `run ${fix.join('; ')}`, fix });
const runs = (...statements: string[]): Remedy => ({ advice: `run ${statements.join('; ')}` });
const dropIf = (condition: string, statement: string): Remedy => ({
  advice: `if ${condition}, run ${statement}`,
});

/** Adding a value loses nothing; taking one away, or another order, needs a type made anew. */
function enumRemedy(name: string, expected: Catalog, found: Catalog): Remedy {
  const of = ({ enums }: Catalog): CatalogEnum | undefined => enums.find((one) => one.name === name);
  const [should, is] = [of(expected)?.values, of(found)?.values];
  if (!should) return dropIf('nobody needs it', `DROP TYPE ${quote(name)}`);
  if (!is) return { advice: BACKUP };
  const kept = should.filter((value) => is.includes(value));
  if (kept.join('\0') !== is.join('\0')) return runs(...typeAnew(name, should, expected, found));
  const added = should.flatMap((value, at) => {
    if (is.includes(value)) return [];
    const place = at === 0 ? ` BEFORE ${literal(is[0]!)}` : ` AFTER ${literal(should[at - 1]!)}`;
    return [`ALTER TYPE ${quote(name)} ADD VALUE IF NOT EXISTS ${literal(value)}${place}`];
  });
  return fixes(...added);
}

/** Fails, and changes nothing, where a row has a value that goes. */
function typeAnew(name: string, values: string[], expected: Catalog, found: Catalog): string[] {
  const old = quote(`_old_${name}`);
  const type = quote(name);
  const users = Object.entries(found.tables).flatMap(([table, { columns }]) =>
    columns.filter((column) => column.type === name).map((column) => ({ table, column: column.name })),
  );
  const columns = users.flatMap(({ table, column }) => {
    const alter = `ALTER TABLE ${quote(table)} ALTER COLUMN ${quote(column)}`;
    const value = expected.tables[table]?.columns.find((one) => one.name === column)?.default;
    return [
      `${alter} DROP DEFAULT`,
      `${alter} TYPE ${type} USING ${quote(column)}::text::${type}`,
      ...(value ? [`${alter} SET DEFAULT ${value}`] : []),
    ];
  });
  return [
    'BEGIN',
    `ALTER TYPE ${type} RENAME TO ${old}`,
    `CREATE TYPE ${type} AS ENUM (${values.map(literal).join(', ')})`,
    ...columns,
    `DROP TYPE ${old}`,
    'COMMIT',
  ];
}

/** Indexes are built beside the traffic. A wrong one goes only when the right one stands. */
function indexRemedy({ table, name, change }: Difference, expected: Catalog, found: Catalog): Remedy {
  const of = ({ tables }: Catalog): CatalogIndex | undefined =>
    tables[table!]?.indexes.find((index) => index.name === name);
  const [should, is] = [of(expected), of(found)];
  const drop = `DROP INDEX CONCURRENTLY IF EXISTS ${quote(name)}`;
  if (!should) {
    const isLeftover = is?.marks.includes('INVALID') && /(_ccnew|_ccold)\d*$|^_new_/.test(name);
    return isLeftover ? fixes(drop) : dropIf('it is not yours', drop);
  }
  if (change === 'missing') return fixes(concurrently(should.definition));
  if (is?.marks.includes('INVALID')) return fixes(drop, concurrently(should.definition));
  const aside = quote(`_new_${name}`.slice(0, 63));
  const [, head, rest] =
    /^(CREATE (?:UNIQUE )?INDEX )(?:"(?:[^"]|"")+"|\w+)( .*)$/s.exec(should.definition) ?? [];
  if (!head) return fixes(drop, concurrently(should.definition));
  return fixes(
    `DROP INDEX CONCURRENTLY IF EXISTS ${aside}`,
    concurrently(`${head}${aside}${rest}`),
    drop,
    `ALTER INDEX ${aside} RENAME TO ${quote(name)}`,
  );
}

const concurrently = (definition: string): string =>
  definition.replace(/^CREATE (UNIQUE )?INDEX /, (_all, unique: string | undefined) => {
    return `CREATE ${unique ?? ''}INDEX CONCURRENTLY IF NOT EXISTS `;
  });

function columnRemedy({ table, name }: Difference, expected: Catalog, found: Catalog): Remedy {
  const of = ({ tables }: Catalog): CatalogColumn | undefined =>
    tables[table!]?.columns.find((column) => column.name === name);
  const [should, is] = [of(expected), of(found)];
  const alter = `ALTER TABLE ${quote(table!)}`;
  const column = `${alter} ALTER COLUMN ${quote(name)}`;
  if (!should) return dropIf('nobody needs what is in it', `${alter} DROP COLUMN ${quote(name)}`);
  if (!is) return runs(`${alter} ADD COLUMN ${columnText(should)}`);
  const statements: string[] = [];
  const isOther = should.generated || is.generated || should.identity !== is.identity;
  if (isOther) return { advice: `make the column anew: ${alter} ADD COLUMN ${columnText(should)}` };
  if (should.type !== is.type || should.collation !== is.collation) {
    const collation =
      should.collation === is.collation ? '' : ` COLLATE ${quote(should.collation ?? 'default')}`;
    statements.push(`${column} TYPE ${should.type}${collation} USING ${quote(name)}::${should.type}`);
  }
  const onlyDefault = statements.length === 0 && should.nullable === is.nullable;
  if (should.default !== is.default) {
    statements.push(
      `${column} ${should.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${should.default}`}`,
    );
  }
  if (should.nullable !== is.nullable)
    statements.push(`${column} ${should.nullable ? 'DROP' : 'SET'} NOT NULL`);
  return onlyDefault ? fixes(...statements) : runs(...statements);
}

function columnText({
  name,
  type,
  collation,
  nullable,
  default: value,
  generated,
  identity,
}: CatalogColumn): string {
  return [
    `${quote(name)} ${type}`,
    ...(collation === null ? [] : [`COLLATE ${quote(collation)}`]),
    ...(identity === null ? [] : [`GENERATED ${identity.toUpperCase()} AS IDENTITY`]),
    ...(generated === null
      ? []
      : [`GENERATED ALWAYS AS (${generated.expression}) ${generated.stored ? 'STORED' : 'VIRTUAL'}`]),
    ...(value === null ? [] : [`DEFAULT ${value}`]),
    ...(nullable ? [] : ['NOT NULL']),
  ].join(' ');
}

/** A foreign key is kept by triggers of both of its tables. */
function switchedOn(table: string, name: string, { tables }: Catalog): string[] {
  const key = tables[table]?.foreignKeys.find((one) => one.name === name);
  const both = new Set([table, key?.refTable ?? table]);
  return [...both].map((one) => `ALTER TABLE ${quote(one)} ENABLE TRIGGER ALL`);
}

function constraintRemedy({ table, name }: Difference, expected: Catalog, found: Catalog): Remedy {
  const of = ({ tables }: Catalog): CatalogKey | undefined => {
    const { primaryKey, uniques = [], foreignKeys = [], checks = [] } = tables[table!] ?? {};
    return [...(primaryKey ? [primaryKey] : []), ...uniques, ...foreignKeys, ...checks].find(
      (key) => key.name === name,
    );
  };
  const [should, is] = [of(expected), of(found)];
  const alter = `ALTER TABLE ${quote(table!)}`;
  const constraint = `CONSTRAINT ${quote(name)}`;
  if (!should) return dropIf('it is not yours', `${alter} DROP ${constraint}`);
  const bare = (key: CatalogKey) => key.definition.replace(/ NOT VALID$/, '');
  if (is && bare(is) === bare(should)) {
    const marks = is.marks.filter((mark) => !should.marks.includes(mark));
    if (marks.includes('disabled')) return fixes(...switchedOn(table!, name, found));
    if (marks.includes('not valid')) return fixes(`${alter} VALIDATE ${constraint}`);
  }
  const drop = is ? [`${alter} DROP ${constraint}`] : [];
  const add = `${alter} ADD ${constraint} ${bare(should)}`;
  if (!/^(FOREIGN KEY|CHECK)/.test(should.definition)) return runs(...drop, add);
  return runs(...drop, `${add} NOT VALID`, `${alter} VALIDATE ${constraint}`);
}
