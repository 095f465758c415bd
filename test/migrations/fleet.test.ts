import { expect, test } from 'vitest';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { Child } from './child.ts';
import { Fleet } from './fleet.ts';
import { ledgerOf, rows } from './inspect.ts';
import { writeStep } from './process-bundle.ts';
import { A, account, B, C, type ScratchRevision, writeChain } from './scratch-chain.ts';

const PROCESSES = 20;
/** Of each beginning. `TEST_FLEET_ROUNDS=20` for once by hand. */
const ROUNDS = Number(process.env['TEST_FLEET_ROUNDS'] ?? 2);
const D = 'dddddddddddd';

const step = writeStep(
  '2026_01_04_000000_add',
  `export default { table: 'entry', columns: ['amount'], batchSize: 10,
    up: (rows, db) => db.update('entry', rows.map(({ id, amount }) => ({ id, amount: amount + 1 }))) };`,
);

const numbers = 'with recursive n (x) as (select 1 union all select x + 1 from n where x < 60)';
const concurrently = dialect === 'postgres' ? 'concurrently' : '';

/** Whatever is done twice, or not at all, shows in a number. */
const chain: ScratchRevision[] = [
  {
    ...account[0]!,
    up: [
      ...account[0]!.up,
      'create table entry (id integer primary key, amount integer not null)',
      `insert into entry ${numbers} select x, x from n`,
      // So long that all find it unfinished.
      dialect === 'postgres'
        ? 'select pg_sleep(0.3)'
        : `create table long as ${numbers.replace('60', '300000')} select x from n`,
    ],
  },
  account[1]!,
  {
    id: C,
    slug: 'online',
    header: '-- Transaction: none',
    up: [
      'update account set balance = balance + 1',
      `create index ${concurrently} if not exists ix_balance on account (balance)`,
      'update account set balance = balance * 3',
      'alter table account add column note text',
    ],
  },
  { id: D, slug: 'add', header: `-- Data: ${step}`, up: ['update entry set amount = amount * 10'] },
];
const folder = writeChain(chain);
const reporter = { line() {} };

/** A run that is killed so many statements and batches after this line of its log. */
async function stopped(target: DatabaseTarget, killAt: number): Promise<void> {
  const child = new Child({ target, folder, killAt });
  child.go();
  expect(await child.exitCode()).toBeNull();
}

/** Reports on the way: each statement, each end of a revision, each batch. */
const BEGINNINGS: Record<string, [(target: DatabaseTarget) => Promise<unknown>, left: number]> = {
  'an empty database': [async () => {}, 4],
  'one stopped between two revisions': [(target) => upgrade(target, { folder, to: B, reporter }), 2],
  'one stopped in the middle of a revision without a transaction': [(target) => stopped(target, 10), 2],
  'one stopped in the middle of a data step': [(target) => stopped(target, 17), 1],
};

const beginnings = Object.entries(BEGINNINGS).flatMap((one) => Array<typeof one>(ROUNDS).fill(one));

test(`${PROCESSES} processes that start at once: one goes on, each thing is done once, all come up`, {
  timeout: 600_000,
}, async () => {
  const empties: EmptyTarget[] = [];
  for (const [, [begin]] of beginnings) {
    const empty = await createEmptyTarget();
    empties.push(empty);
    await begin(empty.target);
  }
  const targets = empties.map(({ target }) => target);
  const fleet = new Fleet(PROCESSES, folder, targets);
  try {
    for (const [index, [name, [, left]]] of beginnings.entries()) {
      const target = targets[index]!;
      if (/middle/.test(name))
        expect(await rows(target, 'select revision from _migration_progress')).toHaveLength(1);
      const ends = (await fleet.round(index + 1)).sort();
      expect([name, ends]).toEqual([name, [...Array(PROCESSES - 1).fill('done 0'), `done ${left}`]]);
      expect((await ledgerOf(target)).map(({ id }) => id)).toEqual([A, B, C, D]);
      expect(await rows(target, 'select balance from account')).toEqual([{ balance: 603 }]);
      const [total] = await rows(target, 'select sum(amount) as total from entry');
      expect(Number(total!['total'])).toBe(10 * 1830 + 60);
    }
  } finally {
    await fleet.end();
    for (const empty of empties) await empty.dispose();
  }
});
