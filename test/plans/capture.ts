/** The statements that a server really runs, and what the engine would do for each. */
import BetterSqlite from 'better-sqlite3';
import { createDatabase } from '../../src/db/ambient.ts';
import type { Database } from '../../src/db/database.ts';
import type { Engine, Statement } from '../../src/db/engine.ts';
import { openPg } from '../../src/db/pg/open.ts';
import { openSqlite } from '../../src/db/sqlite/open.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { type PlanLine, pgComplaints, type RowsOf, sqliteComplaints } from './judge.ts';
import { withoutStatistics } from './million.ts';

export interface Sent extends Statement {
  /** Whether it ran where it can't stop the server. */
  long: boolean;
}

export interface Captured {
  db: Database;
  /** Nothing is read: every answer is that there is nothing. */
  dry: boolean;
  /** What has been sent since the last call. */
  take(): Sent[];
  /** What is wrong with the plan of a statement: nothing, most of the time. */
  judge(statement: Statement): Promise<{ complaints: string[]; plan: string }>;
  close(): Promise<void>;
}

/** A database that notes what it is asked. */
export async function openCaptured(target: DatabaseTarget): Promise<Captured> {
  const engine: Engine = target.backend === 'sqlite' ? openSqlite(target) : await openPg(target);
  let sent: Sent[] = [];
  const note = ({ sql, params }: Statement, long: boolean): void => {
    if (/^\s*(select|with|update|delete)\b/i.test(sql)) sent.push({ sql, params: [...params], long });
  };
  const db = createDatabase({
    ...engine,
    run(statement, shape, long) {
      note(statement, long);
      if (!captured.dry) return engine.run(statement, shape, long);
      return Promise.resolve(/^\s*select (count|avg)\(/.test(statement.sql) ? [[0]] : []);
    },
    async begin() {
      const connection = await engine.begin();
      const run = connection.run.bind(connection);
      connection.run = (statement, shape) => {
        note(statement, false);
        return run(statement, shape);
      };
      return connection;
    },
  });
  const explain = (words: string, { sql, params }: Statement) =>
    engine.run({ sql: `${words} ${sql}`, params }, 'object', false);
  const rowsOf = target.backend === 'sqlite' ? statisticsOf(target.file) : undefined;
  const unanalysed = target.backend === 'sqlite' ? withoutStatistics(target.file) : undefined;
  const captured: Captured = {
    db,
    dry: false,
    take() {
      const taken = sent;
      sent = [];
      return taken;
    },
    async judge(statement) {
      if (rowsOf && unanalysed) {
        const plan = (await explain('explain query plan', statement)) as PlanLine[];
        const inUse = unanalysed
          .prepare(`explain query plan ${statement.sql}`)
          .all(statement.params) as PlanLine[];
        return {
          complaints: [...new Set([plan, inUse].flatMap((lines) => sqliteComplaints(lines, rowsOf)))],
          plan: [...plan, { detail: '(without statistics)' }, ...inUse]
            .map(({ detail }) => detail)
            .join('\n'),
        };
      }
      const lines = (await explain('explain', statement)) as { 'QUERY PLAN': string }[];
      const plan = lines.map((line) => line['QUERY PLAN']);
      return { complaints: pgComplaints(plan), plan: plan.join('\n') };
    },
    async close() {
      unanalysed?.close();
      await engine.close();
    },
  };
  return captured;
}

function statisticsOf(file: string): RowsOf {
  const driver = new BetterSqlite(file, { readonly: true });
  const rows = driver.prepare('select idx, stat from sqlite_stat1').all() as { idx: string; stat: string }[];
  driver.close();
  const byIndex = new Map(rows.map(({ idx, stat }) => [idx, stat.split(' ').map(Number)]));
  return (index, columns) => byIndex.get(index)?.[columns] ?? Number.POSITIVE_INFINITY;
}
