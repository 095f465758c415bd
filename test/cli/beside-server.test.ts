import { afterAll, beforeAll, expect, test } from 'vitest';
import { heads } from '../../src/migrations/run/status.ts';
import { run as execute } from '../migrations/inspect.ts';
import { Serving } from '../server/serve.ts';
import { createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { Command, environmentOf } from './process.ts';

let database: EmptyTarget;
let server: Serving;
beforeAll(async () => {
  database = await createMigratedTarget();
  server = await Serving.start(database);
});
afterAll(async () => {
  await server?.remove();
  await database?.dispose();
});

const head = heads()[dialect === 'sqlite' ? 'sqlite' : 'pg']!;

async function run(...args: string[]) {
  const command = new Command(['database', ...args, '--json'], environmentOf(database.target));
  const { code, stdout } = await command.ended;
  await command.remove();
  return [code, JSON.parse(stdout)];
}

async function ready(): Promise<unknown> {
  const answer = await fetch(`${server.url}/ready`);
  const { state } = (await answer.json()) as { state: string };
  return [answer.status, state];
}

const locked = [7, { error: { code: 'locked', message: expect.stringContaining('is in use by') } }];

test('what takes a database from its server is refused, or the server says so', async () => {
  expect(await run('reset', '-y')).toMatchObject(locked);
  expect(await ready()).toEqual([200, 'ready']);
  const down = await run('downgrade', '-y');
  if (dialect === 'sqlite') {
    expect(down).toMatchObject(locked);
    expect(await run('stamp', head.parent!, '-y')).toMatchObject(locked);
    expect(await ready()).toEqual([200, 'ready']);
  } else {
    expect(down).toMatchObject([0, { reverted: [{ id: head.id }], backup: null }]);
    expect(await ready()).toEqual([503, 'behind']);
    expect(await run('upgrade', '-y')).toMatchObject([0, { revision: head.id }]);
    expect(await ready()).toEqual([200, 'ready']);
  }
});

test('a server is ready beside what newer ones have added, until that breaks it', async () => {
  const add = (id: string, parent: string, breaking: boolean) =>
    execute(
      database.target,
      `insert into _migrations values ('${id}', '', 'n', '${parent}', '', 'lossless', ${breaking}, '', 0, '')`,
    );
  await add('f00000000001', head.id, false);
  expect(await ready()).toEqual([200, 'ready']);
  await add('f00000000002', 'f00000000001', true);
  expect(await ready()).toEqual([503, 'ahead']);
  await execute(database.target, `delete from _migrations where id in ('f00000000001', 'f00000000002')`);
  expect(await ready()).toEqual([200, 'ready']);
  await execute(database.target, 'alter table _migrations rename to _gone');
  expect(await ready()).toEqual([503, 'behind']);
  await execute(database.target, 'alter table _gone rename to _migrations');
  expect(await ready()).toEqual([200, 'ready']);
});
