import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { connected } from '../../src/migrations/connect.ts';
import { estimateMs, paceOf } from '../../src/migrations/plan/estimate.ts';
import { renderPlan } from '../../src/migrations/plan/render.ts';
import { type PlanReport, planReport } from '../../src/migrations/plan/report.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, dialect, type EmptyTarget, runFolder, uniqueName } from '../support/engine.ts';
import { A, B, C, type ScratchRevision, writeChain } from './scratch-chain.ts';

const sqlite = dialect === 'sqlite';
const reporter = { line: () => {} };
const D = 'dddddddddddd';

const rebuild = [
  'create table "__new_flow" (id integer primary key, title varchar not null)',
  `insert into "__new_flow" (id, title) select id, coalesce(title, '') from "flow"`,
  'drop table "flow"',
  'alter table "__new_flow" rename to "flow"',
];
const online = ['create index concurrently if not exists i on "flow" (title)'];

/** Two tables; one of them renamed; then something that takes its time, and at last a loss. */
const revisions: ScratchRevision[] = [
  {
    id: A,
    slug: 'begin',
    up: [
      'create table "run" (id integer primary key, name varchar)',
      'create table "log" (id integer primary key, line varchar)',
    ],
  },
  {
    id: B,
    slug: 'rename',
    up: ['alter table "run" rename to "flow"', 'alter table "flow" rename column name to title'],
  },
  {
    id: C,
    slug: 'work',
    up: sqlite ? rebuild : online,
    ...(sqlite ? {} : { header: '-- Transaction: none' }),
  },
  {
    id: D,
    slug: 'loss',
    up: ['drop table "log"', `update "flow" set title = 'x' where id = 1`],
    down: '-- Down: lossy (log)\n',
    header: '-- Breaking: yes',
  },
];

let folder: string;
let empty: EmptyTarget;
beforeAll(() => {
  folder = writeChain(revisions);
});
beforeEach(async () => {
  empty = await createEmptyTarget();
  return () => empty.dispose();
});

async function filled(rows: number, after = 0): Promise<void> {
  await upgrade(empty.target, { to: A, folder, reporter });
  const series = sqlite
    ? `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${rows}) insert into run select i + ${after}, 'n' from n`
    : `insert into run select i + ${after}, 'n' from generate_series(1, ${rows}) i`;
  await connected(empty.target, (connection) => connection.run(series));
}

const plan = (to?: string): Promise<PlanReport> => planReport(empty.target, { folder, to });
const statementsOf = ({ revisions: all }: PlanReport) => all.flatMap(({ statements }) => statements);

test('says in order what would run, with what each statement meets, and runs nothing', async () => {
  await filled(1234);
  const report = await plan();
  expect(report).toMatchObject({ from: A, to: D, chain: sqlite ? 'sqlite' : 'pg', backup: sqlite });
  expect(
    report.revisions.map(({ id, transactional, breaking, down }) => [id, transactional, breaking, down]),
  ).toEqual([
    [B, true, false, 'lossless'],
    [C, sqlite, false, 'lossless'],
    [D, true, true, 'lossy'],
  ]);
  const lock = (statement: number) =>
    statementsOf(report)[statement]!.locks.map((one) => `${one.lock} ${one.table}`);
  expect(lock(0)).toEqual([sqlite ? 'write lock *' : 'ACCESS EXCLUSIVE run']);
  const work = statementsOf(report).find((one) => one.work.length > 0)!;
  // The rows are those of the table under the name that it has now.
  expect(work).toMatchObject({
    kind: sqlite ? 'rebuild: copy' : 'create index concurrently',
    rows: 1234,
    rows_exact: true,
    rewrites: sqlite,
    outside_transaction: !sqlite,
  });
  expect(statementsOf(report).flatMap(({ loses }) => loses)).toEqual(['table log']);
  expect((await plan()).from).toBe(A);
  await upgrade(empty.target, { folder, reporter });
  expect(await plan()).toMatchObject({ from: D, to: D, revisions: [], backup: false, estimated_ms: 0 });
});

test('goes as far as it is told, and needs no copy where nothing is at risk', async () => {
  await filled(1);
  const report = await plan(B);
  expect(report.revisions.map(({ id }) => id)).toEqual([B]);
  expect(report).toMatchObject({ to: B, backup: false });
  await expect(plan('nowhere')).rejects.toThrow(/nowhere/);
});

test('takes longer for more rows, which it counts only while there are few', async () => {
  await filled(150_000);
  const [many] = statementsOf(await plan()).filter((one) => one.work.length > 0);
  expect(many!.rows_exact).toBe(false);
  expect(many!.rows).toBeGreaterThanOrEqual(100_000);
  expect(many!.rows).toBeLessThan(300_000);
  expect(many!.estimated_ms).toBeGreaterThan(100);
  expect(renderPlan(await plan()).join('\n')).toMatch(/~1\d\d,\d{3}/);
});

test('the table for people has a line a revision and a row a statement', async () => {
  await filled(10);
  const lines = renderPlan(await plan());
  expect(lines[0]).toContain(`from ${A} to ${D}, 3 revisions, ${sqlite ? 8 : 5} statements, under 1 s`);
  expect(lines.filter((line) => line.startsWith('A copy of the database'))).toHaveLength(sqlite ? 1 : 0);
  const text = lines.join('\n');
  expect(text).toContain(`1 of 3  ${B} rename: one transaction, down: lossless, under 1 s`);
  expect(text).toContain(sqlite ? 'rewrites flow' : 'SHARE UPDATE EXCLUSIVE flow, by itself');
  expect(text).toContain('BREAKING: older servers cannot work with the database after it');
  expect(text).toContain('statement 1 loses table log');
  await upgrade(empty.target, { folder, reporter });
  expect(renderPlan(await plan()).join()).toMatch(`is at ${D}: nothing would run.`);
});

test("the package's own chain on an empty database meets no rows, and its many new things are one line", async () => {
  const report = await planReport(empty.target);
  expect(report.from).toBeNull();
  expect(statementsOf(report).filter(({ kind, rows }) => kind === 'unknown' || (rows ?? 0) > 0)).toEqual([]);
  const first = renderPlan(report).filter((line) => line.includes('make what is new'));
  expect(first).toHaveLength(1);
});

test('a data step is told with the rows of its table', async () => {
  const data = join(folder, '..', 'data');
  mkdirSync(data, { recursive: true });
  const name = uniqueName('step');
  writeFileSync(join(data, `${name}.ts`), `export default { table: 'run', columns: ['name'], up() {} };\n`);
  const own = writeChain(
    [revisions[0]!, { id: B, slug: 'data', up: ['-- Nothing to do here.'], header: `-- Data: ${name}` }],
    join(runFolder(), uniqueName('chain')),
  );
  await filled(7);
  const report = await planReport(empty.target, { folder: own });
  expect(report.revisions[0]!.data_step).toEqual({ name, table: 'run', rows: 7 });
  expect(renderPlan(report).join('\n')).toContain(`data step ${name}: 7 rows of run, in batches`);
  await filled(100_000, 7);
  const larger = await planReport(empty.target, { folder: own });
  expect(larger.estimated_ms - report.estimated_ms).toBeGreaterThan(3_000);
});

test('what an interrupted run has done is said to be done', async () => {
  const own = writeChain(
    [
      revisions[0]!,
      {
        id: B,
        slug: 'halves',
        up: ['create index i on "run" (name)', 'insert into nowhere values (1)'],
        header: '-- Transaction: none',
      },
    ],
    join(runFolder(), uniqueName('chain')),
  );
  await filled(1);
  await expect(upgrade(empty.target, { folder: own, reporter })).rejects.toThrow(/statement 2 of 2/);
  const report = await planReport(empty.target, { folder: own });
  expect(statementsOf(report).map(({ done, kind }) => [done, kind])).toEqual([
    [true, 'create index'],
    [false, 'insert'],
  ]);
  expect(renderPlan(report).join('\n')).toMatch(/create index i.* {2}done$/m);
});

describe('the pace', () => {
  const chain = readChain(chainFolder('sqlite'));
  const row = (duration_ms: number) => ({ id: chain[0]!.id, duration_ms });

  test('is the measured one where the ledger says nothing, or that this machine is as quick', () => {
    expect(paceOf('sqlite', [], chain).factor).toBe(1);
    expect(paceOf('sqlite', [row(0)], chain).factor).toBe(1);
    expect(paceOf('sqlite', [row(5)], chain).factor).toBe(1);
  });

  test('is slower where the first revision took longer, within reason', () => {
    const slow = paceOf('sqlite', [row(chain[0]!.statements.length)], chain);
    expect(slow.factor).toBeCloseTo(5);
    expect(slow.basis).toContain(`how long revision ${chain[0]!.id} took here`);
    expect(paceOf('sqlite', [row(1e9)], chain).factor).toBe(20);
    const work = [{ kind: 'index', table: 't' }] as const;
    const at = (factor: number) => estimateMs('sqlite', { work }, () => 1_000_000, { factor, basis: '' });
    expect(at(5)).toBeCloseTo(5 * at(1));
  });
});
