import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { ReceivedEvent } from '../../src/entities/event/event.ts';
import { stringifyJson } from '../../src/json/json.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createMigratedTarget } from '../support/database.ts';
import { makeFlowRun, taskRunEvents } from './make.ts';
import { Client } from './stage.ts';

const script = fileURLToPath(new URL('serve-process.ts', import.meta.url));

async function startServer(target: DatabaseTarget): Promise<{ process: ChildProcess; url: string }> {
  const process_ = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(target)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface({ input: process_.stdout! }), 'line');
  return { process: process_, url: `http://127.0.0.1:${port}/api` };
}

/** Sends events, with a ping now and then, until the server dies; as Prefect's client, forgets those that a ping confirmed. */
async function streamUntilDeath(
  client: Client,
  unconfirmed: ReceivedEvent[],
  next: () => ReceivedEvent[],
  onConfirmed: (count: number) => void,
) {
  const confirmed: ReceivedEvent[] = [];
  let alive = true;
  void client.closed.then(() => {
    alive = false;
  });
  for (const event of unconfirmed) client.send(stringifyJson(event));
  while (alive) {
    for (let i = 0; i < 5 && alive; i++) {
      const events = next();
      unconfirmed.push(...events);
      for (const event of events) client.send(stringifyJson(event));
    }
    const asked = unconfirmed.length;
    const answered = await Promise.race([client.ping().then(() => true), client.closed.then(() => false)]);
    if (answered) confirmed.push(...unconfirmed.splice(0, asked));
    onConfirmed(confirmed.length);
  }
  return confirmed;
}

test('every event before an answered ping outlives kill -9, its task run included', async () => {
  const { target, dispose } = await createMigratedTarget();
  const setUp = await openDatabase(target);
  const flowRunId = await makeFlowRun(setUp);
  await setUp.close();
  const confirmed: ReceivedEvent[] = [];
  const unconfirmed: ReceivedEvent[] = [];
  // Counted and not timed, so that a slow machine proves as much; the moment within a batch is left to chance.
  for (const life of [40, 150, 90]) {
    const { process: server, url } = await startServer(target);
    const client = await new Client(`${url}/events/in`).enter();
    const killInTime = (count: number) => {
      if (count >= life) setTimeout(() => server.kill('SIGKILL'), Math.random() * 10);
    };
    const story = () => taskRunEvents({ id: randomUUID(), flowRunId });
    confirmed.push(...(await streamUntilDeath(client, unconfirmed, story, killInTime)));
  }
  const db = await openDatabase(target);
  const { events, event_resources, task_run, task_run_state } = db.tables;
  const stored = new Set((await db.orm.select({ id: events.id }).from(events)).map(({ id }) => id));
  const states = new Set(
    (await db.orm.select({ id: task_run_state.id }).from(task_run_state)).map(({ id }) => id),
  );
  expect(confirmed.length).toBeGreaterThan(100);
  expect(confirmed.filter(({ id }) => !stored.has(id))).toEqual([]);
  expect(confirmed.filter(({ id }) => !states.has(id))).toEqual([]);
  // What wasn't confirmed may be there or not, but wholly.
  expect(states).toEqual(stored);
  const resources = await db.orm.select({ id: event_resources.event_id }).from(event_resources);
  expect(resources.length).toBe(stored.size * 2);
  const latest = new Map(
    confirmed.filter(({ event }) => event.endsWith('Completed')).map((event) => [event.id, event]),
  );
  const runs = await db.orm.select().from(task_run);
  const completed = new Set(runs.filter((run) => run.state_type === 'COMPLETED').map((run) => run.state_id));
  for (const id of latest.keys()) expect(completed).toContain(id);
  await db.close();
  await dispose();
}, 90_000);
