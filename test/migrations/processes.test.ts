import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { Child } from './child.ts';
import { rows, tables } from './inspect.ts';
import { account, C, writeChain } from './scratch-chain.ts';

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
