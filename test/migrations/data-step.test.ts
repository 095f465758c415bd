import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MigrationProgress } from '../../src/migrations/progress.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, dialect, type EmptyTarget, runFolder, uniqueName } from '../support/engine.ts';
import { ledgerOf, on, rows, run } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, B, type ScratchRevision, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
let lines: string[];
beforeEach(async () => {
  empty = await createEmptyTarget();
  lines = [];
});
afterEach(() => empty.dispose());

const reporter = { line: (line: string) => lines.push(line) };
const postgres = dialect === 'postgres';
const ROWS = 2500;

/** 2,500 rows whose keys are 1 to 2,500. */
const numbers = `with recursive n (x) as (select 1 union all select x + 1 from n where x < ${ROWS})`;
const account: ScratchRevision = {
  id: A,
  slug: 'account',
  up: [
    'create table account (id integer primary key, balance integer not null, note text)',
    postgres
      ? `insert into account ${numbers} select x, x, null from n`
      : `insert into account ${numbers} select x, x, null from n`,
  ],
  down: '-- Down: lossy (account)\n\ndrop table account;\n',
};

function writeStep(text: string): string {
  const name = uniqueName('2026_01_02_000000_step');
  mkdirSync(join(runFolder(), 'data'), { recursive: true });
  writeFileSync(join(runFolder(), 'data', `${name}.ts`), text);
  return name;
}

const DOUBLE = `export default {
  table: 'account',
  columns: ['balance'],
  batchSize: 400,
  async up(rows, db) {
    await db.update('account', rows.map(({ id, balance }) => ({ id, balance: balance * 2 })));
  },
  async down(rows, db) {
    await db.update('account', rows.map(({ id, balance }) => ({ id, balance: balance / 2 })));
  },
};
`;

function chainWith(step: string, up: string[] = []): string {
  const down = '-- Down: lossless\n';
  return writeChain([account, { id: B, slug: 'double', header: `-- Data: ${step}`, up, down }]);
}

const total = async () =>
  Number((await rows(empty.target, 'select sum(balance) as n from account'))[0]!['n']);
const ONCE = (ROWS * (ROWS + 1)) / 2;

/** Three writes of another process, since on SQLite a wait for the lock stops its whole thread. */
async function writeMeanwhile(): Promise<void> {
  const { target } = empty;
  const writes = [1, 2, 3].map((id) => `update account set note = 'here' where id = ${id}`);
  if (target.backend === 'postgres') return run(target, ...writes);
  const code = `const db = new (require('better-sqlite3'))(process.argv[1], { timeout: 5000 });
    for (const text of process.argv.slice(2)) db.exec(text);`;
  await promisify(execFile)(process.execPath, ['-e', code, target.file, ...writes]);
}

describe('a data step', () => {
  test('goes over all rows once, in batches, and says how far it is', async () => {
    const folder = chainWith(writeStep(DOUBLE));
    const seen: MigrationProgress[] = [];
    const { head } = await upgrade(empty.target, {
      folder,
      reporter: { ...reporter, progress: (progress) => seen.push(progress) },
    });
    expect(head).toBe(B);
    expect(await total()).toBe(ONCE * 2);
    expect(lines.at(-1)).toMatch(/^applied b{12} \(0 statements, 2500 rows, \d+ ms\), 2 of 2$/);
    const counts = seen.flatMap(({ rows: counted }) => (counted ? [counted] : []));
    expect(counts).toEqual(
      [0, 400, 800, 1200, 1600, 2000, 2400, 2500].map((done) => ({ done, total: ROWS })),
    );
    expect(await rows(empty.target, 'select * from _migration_progress')).toEqual([]);
  });

  test('is undone on the way down', async () => {
    const folder = chainWith(writeStep(DOUBLE));
    await upgrade(empty.target, { folder, reporter });
    await downgrade(empty.target, { folder, to: A, reporter });
    expect(await total()).toBe(ONCE);
    expect((await ledgerOf(empty.target)).map(({ id }) => id)).toEqual([A]);
  });

  test('that fails keeps the batches before, and goes on after them', async () => {
    const fails = DOUBLE.replace(
      'async up(rows, db) {',
      "async up(rows, db) { if (rows[0].id > 1000 && globalThis.stop) throw new Error('row 1201 is odd');",
    );
    const folder = chainWith(writeStep(fails));
    Object.assign(globalThis, { stop: true });
    const message = await refusal(upgrade(empty.target, { folder, reporter }), 'failed', 1);
    expect(message).toContain('in its data step after 1200 rows');
    expect(message).toContain('row 1201 is odd');
    Object.assign(globalThis, { stop: false });
    await upgrade(empty.target, { folder, reporter });
    expect(lines).toContain(`going on with: ${B}`);
    expect(await total()).toBe(ONCE * 2);
  });

  test('whose file was changed in between is not gone on with', async () => {
    const name = writeStep(
      DOUBLE.replace(
        'async up(rows, db) {',
        "async up(rows, db) { if (rows[0].id > 1000) throw new Error('no');",
      ),
    );
    const folder = chainWith(name);
    await refusal(upgrade(empty.target, { folder, reporter }), 'failed', 1);
    writeFileSync(join(runFolder(), 'data', `${name}.ts`), DOUBLE);
    expect(await refusal(upgrade(empty.target, { folder, reporter }), 'changed', 5)).toContain('1200 rows');
  });

  test("can't be undone without a word by a version that doesn't have it", async () => {
    await upgrade(empty.target, { folder: chainWith(writeStep(DOUBLE)), reporter });
    const older = writeChain([account], join(runFolder(), uniqueName('older'), 'chain'));
    const message = await refusal(downgrade(empty.target, { folder: older, to: A, reporter }), 'refused', 6);
    expect(message).toContain(`what the data step of ${B} changed stays changed`);
    await downgrade(empty.target, { folder: older, to: A, acceptDataLoss: true, reporter });
    expect(await total()).toBe(ONCE * 2);
  });

  test('leaves room for writers', async () => {
    const wait = 'await new Promise((done) => setTimeout(done, globalThis.written ? 0 : 30));';
    const slow = DOUBLE.replace('batchSize: 400', 'batchSize: 5').replace(
      'up(rows, db) {',
      `up(rows, db) { ${wait}`,
    );
    Object.assign(globalThis, { written: false });
    const folder = chainWith(writeStep(slow));
    const done = upgrade(empty.target, { folder, reporter });
    while (!lines.includes(`applying: ${B}`)) await sleep(5);
    await writeMeanwhile();
    Object.assign(globalThis, { written: true });
    const [{ n }] = (await rows(empty.target, 'select count(*) as n from _migrations')) as [{ n: number }];
    expect(n).toBe(1);
    await done;
    expect(await total()).toBe(ONCE * 2);
    expect(await rows(empty.target, "select id from account where note = 'here'")).toHaveLength(3);
  });
});

// Not a random one: the step makes one with `f` from it, comes by that one too, and makes one with `e` from that.
const id = '0d3a9c52-7b1e-4f60-8c2d-5e9b1a40c7f3';
const TYPES = postgres
  ? 'u uuid primary key, t timestamptz, j jsonb, b boolean, i interval, n bigint, f double precision, d bytea, s text'
  : 'u CHAR(36) primary key, t DATETIME, j JSON, b BOOLEAN, i INTERVAL, n BIGINT, f FLOAT, d BLOB, s TEXT';
const STORED = postgres
  ? `'${id}', '2026-01-02 03:04:05.1+00', '{"a": 1.50}', true, '1 day 00:00:01.5', 7, 0.1, '\\x00ff', 'it''s'`
  : `'${id}', '2026-01-02 03:04:05.100000', '{"a": 1.50}', 1, '1970-01-02 00:00:01.500000', 7, 0.1, x'00ff', 'it''s'`;

describe('values', () => {
  test('are the same on both engines, there and back', async () => {
    const name = writeStep(`export default {
      table: 'kinds', key: 'u', columns: ['t', 'j', 'b', 'i', 'n', 'f', 'd', 's'],
      async up(rows, db) {
        globalThis.seen = rows;
        await db.insert('kinds', rows.map((row) => ({ ...row, u: row.u.replace(/^./, row.u[0] === 'f' ? 'e' : 'f') })));
        await db.update('kinds', rows.map(({ u }) => ({ u, s: 'seen', b: null })));
        const [{ n }] = await db.query("select count(*) as n from kinds where u = ? and s <> '?'", [rows[0].u]);
        globalThis.count = n;
      },
      where: "s <> 'seen' and f < 1 and j is not null and n = 7",
    };`);
    const folder = writeChain([
      { id: A, slug: 'kinds', up: [`create table kinds (${TYPES})`, `insert into kinds values (${STORED})`] },
      { id: B, slug: 'step', header: `-- Data: ${name}`, up: ["update kinds set s = 'it''s'"] },
    ]);
    await upgrade(empty.target, { folder, reporter });
    const { seen, count } = globalThis as unknown as { seen: Record<string, unknown>[]; count: number };
    expect(count).toBe(1);
    const canonical = {
      ...{ t: '2026-01-02T03:04:05.100000Z', j: '{"a": 1.50}', b: true, i: 86_401.5, n: 7, f: 0.1 },
      ...{ d: Buffer.from([0, 255]), s: "it's" },
    };
    expect(seen.at(-1)).toMatchObject(canonical);
    const [copied] = await on(empty.target, (connection) =>
      connection
        .rows(() => undefined)
        .page({
          table: 'kinds',
          key: 'u',
          columns: Object.keys(canonical),
          where: `u <> '${id}'`,
          after: null,
          limit: 9,
        }),
    );
    expect(copied).toMatchObject({ t: canonical.t, j: canonical.j, i: canonical.i, d: canonical.d });
  });
});

test('a file that is no data step is named', async () => {
  const folder = chainWith(writeStep('export default { table: 1 };'));
  expect(await refusal(upgrade(empty.target, { folder, reporter }), 'chain', 1)).toContain(
    'no default export',
  );
  await run(empty.target, 'select 1');
});
