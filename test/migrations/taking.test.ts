import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectPg } from '../../src/migrations/pg/connection.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { reset } from '../../src/migrations/run/reset.ts';
import { stamp } from '../../src/migrations/run/stamp.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { connectSqlite } from '../../src/migrations/sqlite/connection.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { ledgerOf, rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, writeChain } from './scratch-chain.ts';

const chain = [
  { ...account[0]!, down: '-- Down: lossy (account)\n\ndrop table account;\n' },
  { ...account[1]!, down: '-- Down: lossless\n\nupdate account set balance = balance / 2;\n' },
];
const folder = writeChain(chain);

let empty: EmptyTarget;
let target: DatabaseTarget;
let lines: string[] = [];
beforeEach(async () => {
  empty = await createEmptyTarget();
  target = empty.target;
  await upgrade(target, { folder, reporter });
  lines = [];
});
afterEach(() => empty.dispose());

const reporter = { line: (line: string) => lines.push(line) };
const options = { folder, reporter };
const ids = async () => (await ledgerOf(target)).map(({ id }) => id);

/** Someone whom nobody would take for a process that waits to migrate. */
async function beside<T>(work: () => Promise<T>): Promise<T> {
  const other = await (target.backend === 'sqlite' ? connectSqlite(target) : connectPg(target));
  await other.tableNames();
  if (target.backend === 'postgres') await other.run(`set application_name = 'someone'`);
  try {
    return await work();
  } finally {
    await other.close();
  }
}

describe('beside someone who uses the database', () => {
  test('it is not reset, unless PostgreSQL has clients that are no servers', async () => {
    const again = () => reset(target, options);
    const message = await refusal(beside(again), 'locked', 7);
    expect(message).toContain('is in use by');
    expect(message.includes('prefect-server database reset --ignore-clients')).toBe(dialect === 'postgres');
    expect(await rows(target, 'select balance from account')).toEqual([{ balance: 200 }]);
    if (dialect === 'sqlite') expect(await again()).toMatchObject({ head: B });
    else
      expect(await beside(() => reset(target, { ...options, ignoreClients: true }))).toMatchObject({
        head: B,
      });
  });

  test('SQLite is neither downgraded nor stamped, PostgreSQL is, and says who is there', async () => {
    const down = () => downgrade(target, { ...options, to: A });
    const up = () => stamp(target, { ...options, to: B, confirmed: true });
    if (dialect === 'sqlite') {
      await refusal(beside(down), 'locked', 7);
      await refusal(
        beside(() => stamp(target, { ...options, to: A, confirmed: true })),
        'locked',
        7,
      );
      expect(await ids()).toEqual([A, B]);
      expect(await down()).toMatchObject({ head: A });
      expect(await up()).toMatchObject({ head: B });
    } else {
      expect(await beside(down)).toMatchObject({ head: A });
      expect(await beside(up)).toMatchObject({ head: B });
      const said = lines.filter((line) => /^in use by someone .*; a server .* at \/api\/ready$/.test(line));
      expect(said).toHaveLength(2);
    }
  });
});

describe('a reset', () => {
  test('makes the tables anew, leaves what is not ours, and goes on where it broke off', async () => {
    await run(target, 'create table mine (id integer)', 'update account set balance = 5');
    expect(await reset(target, options)).toMatchObject({ head: B });
    expect(await rows(target, 'select balance from account')).toEqual([{ balance: 200 }]);
    await downgrade(target, { ...options, to: 'base', acceptDataLoss: true });
    expect(await reset(target, options)).toMatchObject({ head: B });
    expect(await tables(target)).toEqual(['_migrations', 'account', 'mine']);
    expect(await ids()).toEqual([A, B]);
  });

  test('makes a database where none is, and takes no one else’s', async () => {
    const none = await createEmptyTarget();
    expect(await reset(none.target, options)).toEqual({ head: B, backup: null });
    await none.dispose();
    const other = await createEmptyTarget();
    await run(other.target, 'create table invoice (id integer)');
    await refusal(reset(other.target, options), 'not_ours', 2);
    await other.dispose();
    await run(target, 'delete from _migrations');
    await refusal(reset(target, options), 'changed', 5);
    expect(await rows(target, 'select balance from account')).toEqual([{ balance: 200 }]);
  });
});
