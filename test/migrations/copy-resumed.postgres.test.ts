import { expect, test } from 'vitest';
import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import type { EngineName } from '../support/engine.ts';
import { copyInProcess } from './copy-child.ts';
import { databasesOfTest, WAYS } from './copy-databases.ts';
import { rows, run } from './inspect.ts';

const { migrated } = databasesOfTest();

const FLOWS = 30;
const LOGS = 3_500;
const LONG = 'x'.repeat(300);
const id = (n: number | string): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

async function createSource(engine: EngineName): Promise<DatabaseTarget> {
  const target = await migrated(engine);
  const list = (count: number, row: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => row(n)).join(', ');
  await run(
    target,
    `insert into flow (id, name) values ${list(FLOWS, (n) => `('${id(n)}', 'f${n}')`)}`,
    `insert into log (id, name, level, message, timestamp) values ${list(LOGS, (n) => `('${id(n)}', 'l', 20, '${n} ${LONG}', '2026-01-02 03:04:05.000000')`)}`,
  );
  return target;
}

/** Ends it with SIGKILL after so many rows of the log: the number that are in the target then. */
async function copyAndKill(from: DatabaseTarget, to: DatabaseTarget, killAfter: number): Promise<number> {
  expect(await copyInProcess({ from, to, killAfter })).toBe(null);
  const [row] = await rows(to, 'select count(*) as n from log');
  return Number(row!['n']);
}

const texts = (target: DatabaseTarget) =>
  rows(
    target,
    'select cast(id as varchar(36)) as id, name from flow union all select cast(id as varchar(36)), message from log order by 1, 2',
  );

test.each(WAYS)(
  'a copy from %s to %s that is killed in the middle of a table goes on there, though not with rows that have changed',
  async (one, other) => {
    const [from, to] = [await createSource(one), await migrated(other)];
    const there = await copyAndKill(from, to, 2_000);
    expect(there).toBeGreaterThanOrEqual(1_000);
    expect(there).toBeLessThan(LOGS);
    await run(
      from,
      `insert into log (id, name, level, message, timestamp) values ('${id('9'.repeat(12))}', 'l', 20, 'late', '2026-01-02 03:04:05.000000')`,
      // As many as before, and one is another.
      `delete from flow where id = '${id(1)}'`,
      `insert into flow (id, name) values ('${id(1).replace('8000', '8001')}', 'other')`,
    );
    const lines: string[] = [];
    const report = await copyDatabase(from, to, { reporter: { line: (line) => lines.push(line) } });
    expect(report.resumedRows).toBe(there);
    expect(lines.filter((line) => line.includes('copied anew'))).toEqual([
      'flow is copied anew, since it is no longer as it was',
    ]);
    expect(
      report.tables.filter(({ rows: count }) => count > 0).map(({ table, rows: count }) => [table, count]),
    ).toEqual([
      ['flow', FLOWS],
      ['log', LOGS + 1],
    ]);
    expect(await texts(to)).toEqual(await texts(from));
  },
);
