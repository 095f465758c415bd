import { setTimeout as sleep } from 'node:timers/promises';
import Driver from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { freePort } from './port.ts';
import { Command, environmentOf } from './process.ts';

const ROWS = 300_000;
/** All but the one that the database has. */
const PENDING = readChain(chainFolder('sqlite')).length - 1;

let database: EmptyTarget;
let port: number;
const commands: Command[] = [];

beforeEach(async () => {
  database = await createEmptyTarget('sqlite');
  await upgrade(database.target, { to: '+1', reporter: { line: () => {} } });
  fill((database.target as { file: string }).file);
  port = await freePort();
});
afterEach(async () => {
  for (const command of commands.splice(0)) await command.remove();
  await database.dispose();
});

/** Rows of a table that the next revision builds anew. */
function fill(file: string): void {
  const driver = new Driver(file);
  driver.exec(`
    insert into automation (id, name, description, enabled, trigger, actions) values ('00000000-0000-4000-8000-000000000001', 'one', '', 1, '{}', '[]');
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${ROWS})
    insert into automation_bucket (id, automation_id, trigger_id, bucketing_key, start, "end", count)
    select printf('00000000-0000-4000-8000-%012d', n), '00000000-0000-4000-8000-000000000001',
      printf('10000000-0000-4000-8000-%012d', n), '["' || n || '"]', '2026-01-01 00:00:00.000000',
      '2026-01-01 00:00:00.000000', 1 from numbers`);
  driver.close();
}

function start(): Command {
  const command = new Command(['start', '--port', String(port)], environmentOf(database.target));
  commands.push(command);
  return command;
}

const ask = async (path: string): Promise<Response | null> => {
  const response = await fetch(`http://127.0.0.1:${port}/api${path}`).catch(() => null);
  await response?.clone().text();
  return response;
};

async function open(): Promise<void> {
  while (!(await ask('/health'))) await sleep(10);
}

test('probes are answered within moments, however long a statement takes', async () => {
  const command = start();
  await open();
  const waits: number[] = [];
  for (;;) {
    const before = performance.now();
    expect((await ask('/health'))?.status).toBe(200);
    waits.push(performance.now() - before);
    if (command.lines.some((line) => 'url' in line)) break;
    await sleep(10);
  }
  const { applied, milliseconds } = await command.served();
  expect(applied).toHaveLength(PENDING);
  // On the thread that answers, the rebuild would have kept the longest one waiting for nearly all of its time. What
  // holds it up for a moment is that the app is loaded meanwhile.
  expect(Math.max(...waits)).toBeLessThan((milliseconds as number) / 2);
});

test('a signal in the middle of a long statement ends it at once, and the next start does all of it', async () => {
  const command = start();
  await open();
  await sleep(400);
  const before = performance.now();
  command.child.kill('SIGTERM');
  expect((await command.ended).code).toBe(0);
  expect(performance.now() - before).toBeLessThan(4000);
  expect(count()).toBe(ROWS);
  expect((await start().served())['applied']).toHaveLength(PENDING);
  expect(count()).toBe(ROWS);
});

function count(): number {
  const driver = new Driver((database.target as { file: string }).file);
  try {
    return driver.prepare<[], number>('select count(*) from automation_bucket').pluck().get()!;
  } finally {
    driver.close();
  }
}
