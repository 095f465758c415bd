import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrations/runner.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { Child } from './child.ts';
import { ledgerOf, rows, tables } from './inspect.ts';
import { A, account, B, C, type ScratchRevision, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
let children: Child[];
beforeEach(async () => {
  empty = await createEmptyTarget();
  children = [];
});
afterEach(async () => {
  for (const child of children) if (child.process.exitCode === null) await child.kill();
  await empty.dispose();
});

function start(folder: string): Child {
  const child = new Child({ target: empty.target, folder });
  children.push(child);
  return child;
}

const count = (rows: number) =>
  `with recursive n (x) as (select 1 union all select x + 1 from n limit ${rows}) select max(x) from n`;

/** The first revision, made so long that all eight find it unfinished. */
const long: ScratchRevision = {
  ...account[0]!,
  up: [
    ...account[0]!.up,
    dialect === 'postgres' ? 'select pg_sleep(0.5)' : `create table n as ${count(1_000_000)}`,
  ],
};

/** Something that waits for other transactions, and so for whoever waits for the lock in the wrong way. */
const concurrent: ScratchRevision = {
  id: C,
  slug: 'index',
  header: '-- Transaction: none',
  up: [
    `create index ${dialect === 'postgres' ? 'concurrently' : ''} if not exists ix_balance on account (balance)`,
  ],
};

describe('eight processes that start at once on an empty database', () => {
  test('one applies, all succeed', { timeout: 60_000 }, async () => {
    const folder = writeChain([long, ...account.slice(1), concurrent]);
    for (let i = 0; i < 8; i++) start(folder);
    await Promise.all(children.map((child) => child.says('ready')));
    for (const child of children) child.go();
    const codes = await Promise.all(children.map((child) => child.exitCode()));
    expect(codes, children.map((child) => child.lines.join('\n')).join('\n\n')).toEqual(Array(8).fill(0));
    const done = children.map((child) => child.lines.at(-1)).sort();
    expect(done).toEqual([...Array(7).fill('done 0'), 'done 3']);
    expect(await rows(empty.target, 'select balance from account')).toEqual([{ balance: 200 }]);
    expect((await ledgerOf(empty.target)).map(({ id }) => id)).toEqual([A, B, C]);
  });
});

/** Long enough to be killed in; PostgreSQL 13 can't notice a dead client before the statement ends. */
const slow = dialect === 'postgres' ? 'select pg_sleep(8)' : `create table n as ${count(100_000_000)}`;

describe('a process killed with SIGKILL', () => {
  test('in the middle of a revision leaves nothing of it, and the next one carries on', {
    timeout: 60_000,
  }, async () => {
    const half = ['update account set balance = 0', 'create table note (id integer)'];
    const revisions = (last: string[]) => [...account, { id: C, slug: 'half', up: [...half, ...last] }];
    const folder = writeChain(revisions([slow]));
    const child = start(folder);
    await child.says('ready');
    child.go();
    await child.says(`applying: ${C}`);
    await sleep(500);
    expect(child.lines.at(-1)).toBe(`applying: ${C}`);
    await child.kill();
    expect(await tables(empty.target)).toEqual(['_migrations', 'account']);
    expect(await rows(empty.target, 'select balance from account')).toEqual([{ balance: 200 }]);

    writeChain(revisions([]), folder);
    const lines: string[] = [];
    const { applied } = await migrate(empty.target, {
      folder,
      lockTimeoutSeconds: 20,
      log: (line) => lines.push(line),
    });
    expect(applied.map(({ id }) => id)).toEqual([C]);
    expect(await rows(empty.target, 'select balance from account')).toEqual([{ balance: 0 }]);
    expect(lines.filter((line) => !/^(waiting|backed up)/.test(line))).toHaveLength(2);
  });
});
