import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { downgrade } from '../../src/migrations/downgrade.ts';
import { upgrade } from '../../src/migrations/runner.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, dialect, runFolder, uniqueName } from '../support/engine.ts';
import { Child } from './child.ts';
import { ledgerOf, on, rows } from './inspect.ts';
import { A, account, B, C, type ScratchRevision, writeChain } from './scratch-chain.ts';

const D = 'dddddddddddd';
const postgres = dialect === 'postgres';
const concurrently = postgres ? 'concurrently' : '';

const step = uniqueName('2026_01_03_000000_add');
mkdirSync(join(runFolder(), 'data'), { recursive: true });
writeFileSync(
  join(runFolder(), 'data', `${step}.ts`),
  `const by = (amount) => (rows, db) => db.update('entry', rows.map(({ id, amount: a }) => ({ id, amount: a + amount })));
  export default { table: 'entry', columns: ['amount'], batchSize: 4, up: by(1), down: by(-1) };`,
);

/** Nothing in it can be done twice, or left out, without a trace. */
const chain: ScratchRevision[] = [
  {
    ...account[0]!,
    up: [
      ...account[0]!.up,
      'create table entry (id integer primary key, amount integer not null)',
      'insert into entry values (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), (8, 8), (9, 9)',
    ],
    down: '-- Down: lossy (all)\n\ndrop table entry;\n--> statement-breakpoint\ndrop table account;\n',
  },
  {
    id: B,
    slug: 'online',
    header: '-- Transaction: none',
    up: [
      `create index ${concurrently} if not exists ix_balance on account (balance)`,
      'update account set balance = balance * 2',
      'alter table account add column note text',
      'update account set balance = balance + 1',
    ],
    down: `-- Down: lossless\n-- Transaction: none\n\nupdate account set balance = balance - 1;\n--> statement-breakpoint
alter table account drop column note;\n--> statement-breakpoint\nupdate account set balance = balance / 2;\n--> statement-breakpoint
drop index ${concurrently} if exists ix_balance;\n`,
  },
  {
    id: C,
    slug: 'add',
    header: `-- Data: ${step}`,
    up: ['update entry set amount = amount * 10'],
    down: '-- Down: lossless\n\nupdate entry set amount = amount / 10;\n',
  },
  {
    id: D,
    slug: 'last',
    up: ['update account set balance = balance + 5'],
    down: '-- Down: lossless\n\nupdate account set balance = balance - 5;\n',
  },
];

const reporter = { line() {} };

async function stateOf(target: DatabaseTarget): Promise<unknown> {
  const ledger = (await ledgerOf(target)).map(({ id }) => id);
  const tables = await on(target, (connection) => connection.tableNames());
  const read = (table: string) => rows(target, `select * from ${table} order by id`);
  const content = tables.includes('entry') ? [await read('account'), await read('entry')] : [];
  const catalog = await on(target, (connection) => connection.catalog());
  const left = tables.includes('_migration_progress')
    ? await rows(target, 'select revision from _migration_progress')
    : [];
  return { ledger, content, left, tables: catalog.tables };
}

/** Kills a run at each of its reports in turn, each on a database of its own, and lets a second one finish it. */
async function killEverywhere(
  prepared: (target: DatabaseTarget) => Promise<unknown>,
  down?: string,
): Promise<number> {
  const folder = writeChain(chain);
  const attempt = async (killAt: number) => {
    const empty = await createEmptyTarget();
    try {
      const { target } = empty;
      await prepared(target);
      const child = new Child({ target, folder, killAt, ...(down === undefined ? {} : { down }) });
      child.go();
      const code = await child.exitCode();
      if (code !== null) expect({ code, lines: child.lines }).toMatchObject({ code: 0 });
      if (down === undefined) await upgrade(target, { folder, reporter });
      else await downgrade(target, { folder, to: down, acceptDataLoss: true, reporter });
      return { killed: code === null, state: await stateOf(target) };
    } finally {
      await empty.dispose();
    }
  };
  const { state: expected } = await attempt(0);
  for (let killAt = 1; ; killAt += 2) {
    const pair = await Promise.all([attempt(killAt), attempt(killAt + 1)]);
    for (const [i, { state }] of pair.entries())
      expect({ killAt: killAt + i, state }).toEqual({ killAt: killAt + i, state: expected });
    if (!pair[1]!.killed) return killAt + (pair[0]!.killed ? 0 : -1);
  }
}

describe('killed with SIGKILL at any of its reports, and run again, it ends as if it never had been', () => {
  test('upwards', { timeout: 300_000 }, async () => {
    expect(await killEverywhere(async () => {})).toBeGreaterThan(14);
  });

  test('downwards', { timeout: 300_000 }, async () => {
    const folder = writeChain(chain);
    const up = (target: DatabaseTarget) => upgrade(target, { folder, reporter });
    expect(await killEverywhere(up, A)).toBeGreaterThan(8);
  });
});
