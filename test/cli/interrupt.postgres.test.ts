import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget } from '../support/database.ts';
import { asSuperuser, type EmptyTarget } from '../support/engine.ts';
import { Command, environmentOf } from './process.ts';
import { holdMigration } from './slow-migration.ts';

let database: EmptyTarget;
let release: () => Promise<void>;
let command: Command | undefined;
beforeEach(async () => {
  database = await createEmptyTarget();
  await upgrade(database.target, { to: '+1', reporter: { line: () => {} } });
  release = await holdMigration(database.target);
});
afterEach(async () => {
  await command?.remove();
  await release();
  await database.dispose();
});

/** What the server does for the migration, whoever it did it for. */
async function statements(): Promise<string[]> {
  const name = (database.target as { database: string }).database;
  const { rows } = await asSuperuser((client) =>
    client.query(
      `select query from pg_stat_activity where datname = $1 and state <> 'idle' and application_name like '%migration%'`,
      [name],
    ),
  );
  return rows.map(({ query }) => query);
}

test('a signal leaves no statement behind on the server, where it would go on with its locks', async () => {
  command = new Command(['start', '--port', '0'], environmentOf(database.target));
  while (!(await statements()).some((query) => /insert into _migrations/.test(query))) await sleep(50);
  command.child.kill('SIGTERM');
  const { code, stderr } = await command.ended;
  expect(await statements()).toEqual([]);
  expect(stderr).not.toContain('"fatal"');
  expect(code).toBe(0);
});
