import type Sqlite from 'better-sqlite3';
import type { Catalog, CatalogForeignKey, CatalogIndex, CatalogTable } from '../catalog.ts';

export function readSqliteCatalog(database: Sqlite.Database): Catalog {
  const rows = database
    .prepare("select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .all() as { name: string; sql: string }[];
  const tables = rows.map(({ name, sql }) => [name, readTable(database, name, sql)] as const);
  return { enums: [], extensions: [], tables: Object.fromEntries(tables) };
}

function readTable(database: Sqlite.Database, name: string, sql: string): CatalogTable {
  const constraints = readConstraints(sql);
  const columns = database.pragma(`table_xinfo("${name}")`) as {
    name: string;
    type: string;
    notnull: number;
    dflt_value: string | null;
  }[];
  return {
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type,
      nullable: column.notnull === 0,
      default: column.dflt_value,
    })),
    indexes: readIndexes(database, name),
    ...constraints,
    foreign_keys: checkedForeignKeys(database, name, constraints.foreign_keys),
  };
}

type Constraints = Pick<
  CatalogTable,
  'primary_key' | 'unique_constraints' | 'foreign_keys' | 'check_constraints'
>;

/** Names of constraints stand nowhere but in the text of the table. */
function readConstraints(sql: string): Constraints {
  const body = sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')'));
  const result: Constraints = {
    primary_key: null,
    unique_constraints: [],
    foreign_keys: [],
    check_constraints: [],
  };
  for (const item of splitAtCommas(body)) {
    const text = item.trim().replace(/\s+/g, ' ');
    const [, name = '', rest = text] = /^CONSTRAINT "?(\w+)"? (.*)$/i.exec(text) ?? [];
    addConstraint(result, name, rest);
    addConstraintOfColumn(result, text);
  }
  return result;
}

function addConstraint(result: Constraints, name: string, text: string): void {
  const [, kind = ''] = /^(PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY) ?\(/i.exec(text) ?? [];
  const inner = text.slice(text.indexOf('(') + 1);
  const columns = () => names(inner.slice(0, inner.indexOf(')')));
  if (/^primary/i.test(kind)) Object.assign(result, { primary_key: { name, columns: columns() } });
  else if (/^unique/i.test(kind)) result.unique_constraints.push({ name, columns: columns() });
  else if (/^check/i.test(kind)) {
    result.check_constraints.push({ name, expression: inner.slice(0, inner.lastIndexOf(')')) });
  } else if (/^foreign/i.test(kind)) result.foreign_keys.push(foreignKey(name, columns(), inner));
}

/** A column that was added to a table has its foreign key behind it. */
function addConstraintOfColumn(result: Constraints, text: string): void {
  const [, column, name, rest] = /^"?(\w+)"? .*CONSTRAINT (\w+) (REFERENCES .*)$/i.exec(text) ?? [];
  if (column && name && rest) result.foreign_keys.push(foreignKey(name, [column], rest));
}

function foreignKey(name: string, columns: string[], text: string): CatalogForeignKey {
  const [, table = '', referred = ''] = /REFERENCES "?(\w+)"? ?\(([^)]*)\)/i.exec(text) ?? [];
  const action = (event: string) =>
    new RegExp(`ON ${event} (CASCADE|SET NULL|RESTRICT|SET DEFAULT)`, 'i').exec(text)?.[1]?.toUpperCase() ??
    'NO ACTION';
  return {
    name,
    columns,
    ref_table: table,
    ref_columns: names(referred),
    on_delete: action('DELETE'),
    on_update: action('UPDATE'),
  };
}

/** What was read from the text must be what SQLite itself has understood. */
function checkedForeignKeys(
  database: Sqlite.Database,
  table: string,
  parsed: CatalogForeignKey[],
): CatalogForeignKey[] {
  const rows = database.pragma(`foreign_key_list("${table}")`) as Record<string, string>[];
  const told = rows
    .map((r) => `${r['from']} ${r['table']}.${r['to']} ${r['on_delete']} ${r['on_update']}`)
    .sort();
  const read = parsed
    .map((k) => `${k.columns[0]} ${k.ref_table}.${k.ref_columns[0]} ${k.on_delete} ${k.on_update}`)
    .sort();
  if (told.join() !== read.join())
    throw new Error(`Foreign keys of ${table}: read ${read}, SQLite says ${told}`);
  return parsed;
}

function readIndexes(database: Sqlite.Database, table: string): CatalogIndex[] {
  const rows = database.pragma(`index_list("${table}")`) as {
    name: string;
    unique: number;
    origin: string;
  }[];
  return rows
    .filter((row) => row.origin === 'c')
    .map((row) => readIndex(database, row.name, row.unique === 1));
}

function readIndex(database: Sqlite.Database, name: string, unique: boolean): CatalogIndex {
  const row = database.prepare('select sql from sqlite_schema where name = ?').get(name) as { sql: string };
  const start = row.sql.indexOf('(');
  const end = closing(row.sql, start);
  const written = splitAtCommas(row.sql.slice(start + 1, end));
  const keys = (database.pragma(`index_xinfo("${name}")`) as Record<string, unknown>[]).filter(
    (k) => k['key'] === 1,
  );
  return {
    name,
    unique,
    method: 'btree',
    keys: keys.map((key, at) => ({
      column: key['name'] as string | null,
      expression: key['name'] === null ? written[at]!.trim().replace(/ DESC$/i, '') : null,
      desc: key['desc'] === 1,
      nulls: null,
      collation: key['coll'] as string,
      opclass: null,
    })),
    include: [],
    predicate: /^\s*WHERE\s+([\s\S]*)$/i.exec(row.sql.slice(end + 1))?.[1] ?? null,
  };
}

const names = (list: string): string[] => list.split(',').map((name) => name.trim().replaceAll('"', ''));

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')' && --depth === 0) return at;
  }
  throw new Error(`No closing parenthesis: ${text}`);
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    if (quoted) continue;
    if (text[at] === '(') depth++;
    if (text[at] === ')') depth--;
    if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
