/** Makes each engine's planner believe that the growing tables of `world.ts` have a million rows. */
import BetterSqlite from 'better-sqlite3';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { asSuperuser } from '../support/engine.ts';

/** What a server's use makes longer without end. Flows, deployments, pools and the like are as many as people make. */
export const GROWING = [
  'flow_run',
  'flow_run_state',
  'flow_run_input',
  'task_run',
  'task_run_state',
  'log',
  'events',
  'event_resources',
  'artifact',
] as const;

const MILLION = 1_000_000;

/** Few enough values to stay as many when the table grows: types of states, flows, keys. Runs are more. */
const FEW = 900;

/** After the tables are filled and before the database is opened for use. */
export async function pretendMillions(target: DatabaseTarget): Promise<void> {
  if (target.backend === 'sqlite') pretendOnSqlite(target.file);
  else await pretendOnPostgres(target.database);
}

/** The same tables with no rows and no statistics: what SQLite has in use, where nothing runs ANALYZE. */
export function withoutStatistics(file: string): BetterSqlite.Database {
  const source = new BetterSqlite(file, { readonly: true });
  const statements = source
    .prepare("select sql from sqlite_schema where sql is not null and name not like 'sqlite_%'")
    .pluck()
    .all() as string[];
  source.close();
  const driver = new BetterSqlite(':memory:');
  for (const statement of statements) driver.exec(statement);
  return driver;
}

/**
 * `sqlite_stat1` says of each index how many rows there are, and how many of them have one value in its first column,
 * in its first two, and so on. A number that follows from how many values there are grows with the table; the others,
 * as how many task runs a flow run has, stay.
 */
function pretendOnSqlite(file: string): void {
  const driver = new BetterSqlite(file);
  driver.exec('ANALYZE');
  const rows = driver.prepare('select rowid, tbl, stat from sqlite_stat1').all() as {
    rowid: number;
    tbl: string;
    stat: string;
  }[];
  const update = driver.prepare('update sqlite_stat1 set stat = ? where rowid = ?');
  for (const { rowid, tbl, stat } of rows) {
    if (!(GROWING as readonly string[]).includes(tbl)) continue;
    const [total, ...each] = stat.split(' ').map(Number) as [number, ...number[]];
    const grown = each.map((many) =>
      total / many < FEW && many > 1 ? Math.ceil((many * MILLION) / total) : many,
    );
    update.run([MILLION, ...grown].join(' '), rowid);
  }
  driver.close();
}

/** The planner takes how many rows a page holds from the catalogue, and how many pages there are from the file. */
async function pretendOnPostgres(database: string): Promise<void> {
  await asSuperuser(async (client) => {
    for (const table of GROWING) await client.query(`alter table ${table} set (autovacuum_enabled = off)`);
    await client.query('analyze');
    await client.query(
      `update pg_class set reltuples = ${MILLION}
       where oid = any($1::regclass[]) or oid in (select indexrelid from pg_index where indrelid = any($1::regclass[]))`,
      [GROWING],
    );
  }, database);
}
