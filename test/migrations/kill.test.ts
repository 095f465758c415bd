import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kindHints } from '../../src/migrations/chain/kind-hints.ts';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { insertRows, kindsOf } from '../parity/rows.ts';
import { seedRows } from '../parity/seed.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { on } from './inspect.ts';
import { killEverywhere } from './killing.ts';
import { writeStep } from './process-bundle.ts';
import { A, account, B, C, type ScratchRevision, writeChain } from './scratch-chain.ts';

const D = 'dddddddddddd';
const postgres = dialect === 'postgres';
const concurrently = postgres ? 'concurrently' : '';

const step = writeStep(
  '2026_01_03_000000_add',
  `const by = (amount) => (rows, db) => db.update('entry', rows.map(({ id, amount: a }) => ({ id, amount: a + amount })));
  export default { table: 'entry', columns: ['amount'], batchSize: 4, up: by(1), down: by(-1) };`,
);

/** Another type, by what each engine has for it: SQLite builds the table anew. */
function retype(type: string, value: string): string[] {
  if (postgres) return [`alter table account alter column balance type ${type} using ${value}`];
  return [
    `create table "__new_account" (id integer primary key, balance ${type} not null, note text)`,
    `insert into "__new_account" select id, ${value}, note from account`,
    'drop table "account"',
    'alter table "__new_account" rename to "account"',
    'create index ix_balance on account (balance)',
  ];
}

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
    slug: 'retype',
    up: retype('bigint', 'balance + 5'),
    down: `-- Down: lossless\n\n${retype('integer', 'balance - 5').join(';\n--> statement-breakpoint\n')};\n`,
  },
];

const reporter = { line() {} };

let start: EmptyTarget;
beforeEach(async () => {
  start = await createEmptyTarget();
});
afterEach(() => start.dispose());

describe('killed at any report and before, during and after any commit, and run again, it ends as if it never had been', () => {
  const folder = writeChain(chain);

  test('upwards', { timeout: 300_000 }, async () => {
    await upgrade(start.target, { folder, to: A, reporter });
    expect(await killEverywhere({ from: start.target, folder })).toBeGreaterThan(14 + 2 * 10);
  });

  test('downwards', { timeout: 300_000 }, async () => {
    await upgrade(start.target, { folder, reporter });
    expect(await killEverywhere({ from: start.target, folder, down: A })).toBeGreaterThan(8 + 2 * 10);
  });

  test('anew', { timeout: 300_000 }, async () => {
    const short = writeChain(chain.slice(0, 1));
    await upgrade(start.target, { folder: short, reporter });
    const leg = { from: start.target, folder: short, reset: true, reports: [1, 2, 3] };
    expect(await killEverywhere(leg)).toBeGreaterThanOrEqual(3 + 2 * 2);
  });
});

describe('the chain of the package, with rows in every table, each revision', () => {
  const folder = chainFolder(postgres ? 'pg' : 'sqlite');
  const revisions = readChain(folder).map((revision, at, all) => ({
    ...{ id: revision.id, slug: revision.slug, before: all[at - 1] ?? null, revision },
    /** A report before each statement, and a line before them. */
    middle: Math.ceil(revision.statements.length / 2) + 1,
  }));

  /** Brings the database to a revision and fills it. */
  async function fill(at: (typeof revisions)[number]['before']): Promise<void> {
    await upgrade(start.target, { folder, to: at?.id ?? 'base', reporter });
    await on(start.target, async (connection) => {
      const hint = kindHints(connection.chain, folder, at?.folder ?? '');
      await insertRows(connection, seedRows(await connection.catalog(), kindsOf(connection, hint)), hint);
    });
  }

  test.each(revisions)('up to $slug', { timeout: 300_000 }, async ({ id, before, middle }) => {
    await fill(before);
    const leg = { from: start.target, folder, to: id, reports: [middle] };
    expect(await killEverywhere(leg)).toBeGreaterThan(3);
  });

  test.each(revisions)('back from $slug', { timeout: 300_000 }, async ({ before, revision }) => {
    await fill(revision);
    const leg = { from: start.target, folder, down: before?.id ?? 'base', reports: [1] };
    expect(await killEverywhere(leg)).toBeGreaterThan(3);
  });
});
