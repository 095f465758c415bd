import { sql } from 'drizzle-orm';
import { isBookKeeping } from '../../catalog/book-keeping.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { MigrationConnection } from '../../connection.ts';
import { KEYS_TOLD, type Problem } from '../../copy/problems.ts';
import { quote } from '../../quotes.ts';
import type { ValueKind } from '../../values.ts';
import { pgKind } from '../values.ts';

type Condition = readonly [what: string, condition: (column: string) => string];

const LONG: Condition = ['is longer than 285 years', (c) => `abs(extract(epoch from ${c})) > 9000000000`];

const CONDITIONS: Partial<Record<ValueKind, Condition>> = {
  timestamp: [
    'is no moment of the years 1 to 9999',
    (c) => `isfinite(${c}) and not (${c} >= '0001-01-01 00:00+00' and ${c} < '10000-01-01 00:00+00')`,
  ],
  double: ['is no finite number', (c) => `${c} in ('NaN', 'Infinity', '-Infinity')`],
  interval: LONG,
};

/** PostgreSQL keeps all these; a copy in its own text carries them, but an interval goes as a number of seconds. */
const BETWEEN_PG: typeof CONDITIONS = { interval: LONG };

/** In such a database a text is whatever bytes a client sent, and nothing says what they stand for. */
const UNKNOWN_BYTES: Condition = [
  'has bytes of no known encoding',
  (c) => `octet_length(${c}::text) <> length(regexp_replace(${c}::text, '[^\\x01-\\x7f]', '', 'g'))`,
];

export interface SearchedTable {
  readonly name: string;
  readonly key: string;
  readonly columns: readonly { readonly name: string; readonly kind: ValueKind }[];
}

interface Search {
  readonly column: string;
  readonly what: string;
  readonly condition: string;
}

/** SQLite takes anything; but these it, or a server, wouldn't read again. One pass of a table that has none of them. */
export async function findProblems(
  source: MigrationConnection,
  { name, key, columns }: SearchedTable,
  betweenPg = false,
): Promise<Problem[]> {
  const bytes = await isSqlAscii(source);
  const kinds = betweenPg ? BETWEEN_PG : CONDITIONS;
  const searches = columns.flatMap(({ name: column, kind }) => {
    const condition = bytes && (kind === 'text' || kind === 'json') ? UNKNOWN_BYTES : kinds[kind];
    return condition ? [{ column, what: condition[0], condition: condition[1](quote(column)) }] : [];
  });
  if (searches.length === 0) return [];
  const counts = searches.map(({ condition }, i) => `count(*) filter (where ${condition}) as rows${i}`);
  const any = searches.map(({ condition }) => `(${condition})`).join(' or ');
  const [row] = await source.query<Record<string, string>>(
    sql`select ${sql.raw(counts.join(', '))} from ${sql.identifier(name)} where ${sql.raw(any)}`,
  );
  const problems: Problem[] = [];
  for (const [i, search] of searches.entries()) {
    const rows = Number(row![`rows${i}`]);
    if (rows > 0) problems.push(await problem(source, { name, key }, search, rows));
  }
  return problems;
}

async function problem(
  source: MigrationConnection,
  { name, key }: Pick<SearchedTable, 'name' | 'key'>,
  { column, what, condition }: Search,
  rows: number,
): Promise<Problem> {
  const first = await source.query<{ key: string }>(
    sql`select ${sql.identifier(key)}::text as key from ${sql.identifier(name)} where ${sql.raw(condition)} limit ${sql.raw(String(KEYS_TOLD))}`,
  );
  const keys = first.map((one) => one.key);
  return { table: name, column, key, what, rows, keys, replaceable: false, onlyPg: false };
}

async function isSqlAscii(source: MigrationConnection): Promise<boolean> {
  const [row] = await source.query<{ encoding: string }>(
    sql`select current_setting('server_encoding') as encoding`,
  );
  return row!.encoding === 'SQL_ASCII';
}

/** In all tables of the schema. */
export async function pgProblems(connection: MigrationConnection, { tables }: Catalog): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [name, { columns, primaryKey }] of Object.entries(tables)) {
    const [key] = primaryKey?.columns ?? [];
    if (isBookKeeping(name) || key === undefined) continue;
    const checked = columns.map((column) => ({ name: column.name, kind: pgKind(column.type) }));
    problems.push(...(await findProblems(connection, { name, key, columns: checked })));
  }
  return problems;
}
