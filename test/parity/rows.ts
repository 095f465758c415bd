import { sql } from 'drizzle-orm';
import { isBookKeeping } from '../../src/migrations/catalog/book-keeping.ts';
import type { Catalog } from '../../src/migrations/catalog/catalog.ts';
import type { MigrationConnection } from '../../src/migrations/connection.ts';
import { pgKind } from '../../src/migrations/pg/values.ts';
import type { KindHint } from '../../src/migrations/rows.ts';
import { sqliteKind } from '../../src/migrations/sqlite/values.ts';
import type { ValueKind } from '../../src/migrations/values.ts';
import type { KindOf, Rows } from './seed.ts';

/** What an engine's own types tell, and on SQLite the twin's. */
export function kindsOf(connection: MigrationConnection, hint: KindHint): KindOf {
  return (table, { name, type }): ValueKind =>
    connection.chain === 'pg' ? pgKind(type) : (hint(table, name) ?? sqliteKind(type));
}

const TURN_OFF = { pg: 'set session_replication_role = replica', sqlite: 'pragma foreign_keys = off' };
const TURN_ON = { pg: 'reset session_replication_role', sqlite: 'pragma foreign_keys = on' };

/** Puts the rows in, whatever their order, and makes sure that every reference is to a row that is there. */
export async function insertRows(connection: MigrationConnection, rows: Rows, hint: KindHint): Promise<void> {
  const access = connection.rows(hint);
  await connection.run(TURN_OFF[connection.chain]);
  for (const [table, list] of Object.entries(rows)) await access.insert(table, list);
  await connection.run(TURN_ON[connection.chain]);
  const broken = await danglingReferences(connection, await connection.catalog());
  if (broken.length > 0) throw new Error(`Seeded rows refer to nothing: ${broken.join(', ')}`);
}

async function danglingReferences(connection: MigrationConnection, { tables }: Catalog): Promise<string[]> {
  const found: string[] = [];
  for (const [table, { foreignKeys }] of Object.entries(tables)) {
    for (const { columns, refTable, refColumns, name } of foreignKeys) {
      const filled = columns.map((column) => `a."${column}" is not null`).join(' and ');
      const same = columns.map((column, at) => `b."${refColumns[at] ?? 'id'}" = a."${column}"`).join(' and ');
      const [row] = await connection.query<{ n: number }>(
        sql.raw(
          `select count(*) as n from "${table}" a where ${filled} and not exists (select 1 from "${refTable}" b where ${same})`,
        ),
      );
      if (Number(row!.n) > 0) found.push(name);
    }
  }
  return found;
}

/** Every row of every table of the schema, in canonical values, by key. */
export async function readRows(connection: MigrationConnection, hint: KindHint): Promise<Rows> {
  const access = connection.rows(hint);
  const { tables } = await connection.catalog();
  const rows: Rows = {};
  for (const [table, { columns, primaryKey }] of Object.entries(tables)) {
    if (isBookKeeping(table)) continue;
    const [key] = primaryKey?.columns ?? [];
    if (!key) throw new Error(`${table} has no primary key to read it by.`);
    const names = columns.map((column) => column.name);
    rows[table] = await access.page({
      table,
      key,
      columns: names,
      where: '1 = 1',
      after: null,
      limit: 100_000,
    });
  }
  return rows;
}

/** The rows without what is lost: `all tables`, a table, or `table.column`. */
export function without(rows: Rows, losses: ReadonlySet<string>): Rows {
  if (losses.has('all tables')) return {};
  const kept = Object.entries(rows).filter(([table]) => !losses.has(table));
  return Object.fromEntries(
    kept.map(([table, list]) => [
      table,
      list.map((row) =>
        Object.fromEntries(Object.entries(row).filter(([column]) => !losses.has(`${table}.${column}`))),
      ),
    ]),
  );
}

/** What differs between two sets of rows, a line a value. */
export function differencesOfRows(one: Rows, other: Rows): string[] {
  const found: string[] = [];
  for (const table of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [a, b] = [one[table], other[table]];
    if (!a || !b || a.length !== b.length) {
      found.push(`${table}: ${a?.length ?? 'no table'} rows, then ${b?.length ?? 'no table'}`);
      continue;
    }
    a.forEach((row, at) => {
      for (const column of new Set([...Object.keys(row), ...Object.keys(b[at]!)])) {
        const [was, is] = [shown(row[column]), shown(b[at]![column])];
        if (was !== is) found.push(`${table}.${column}: ${was}, then ${is}`);
      }
    });
  }
  return found;
}

const shown = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (JSON.stringify(value) ?? 'nothing');
