import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { stringifyJson } from '../../src/json/json.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { createTestDatabase } from '../support/database.ts';
import { asSuperuser } from '../support/engine.ts';
import { makeEvent, makeFlowRun, taskRunEvents } from './make.ts';
import { Client, serve } from './stage.ts';

test('connections that break under a stream of events cost no event and no task run', async () => {
  const own = await createTestDatabase();
  const stage = await serve(own.db);
  const flowRunId = await makeFlowRun(own.db);
  const name = `outage.${randomUUID()}`;
  const { database } = own.target as PostgresTarget;
  let broken = 0;
  const breakAll = () =>
    asSuperuser(async (client) => {
      const sql = 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1';
      broken += (await client.query(sql, [database])).rowCount ?? 0;
    });
  const client = await new Client(`${stage.url}/events/in`).enter();
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 50; i++) {
      client.send(stringifyJson(makeEvent({ event: name })));
      for (const event of taskRunEvents({ id: randomUUID(), flowRunId })) client.send(stringifyJson(event));
    }
    await breakAll();
  }
  await client.ping();
  expect(broken).toBeGreaterThan(0);
  const { events, task_run, task_run_state } = own.db.tables;
  expect(await own.db.orm.select({ id: events.id }).from(events).where(eq(events.event, name))).toHaveLength(
    300,
  );
  const runs = await own.db.orm.select().from(task_run);
  expect(runs.filter((run) => run.state_type === 'COMPLETED')).toHaveLength(300);
  expect(await own.db.orm.select({ id: task_run_state.id }).from(task_run_state)).toHaveLength(1200);
  client.ws.close();
  await stage.close();
  await own.dispose();
}, 60_000);
