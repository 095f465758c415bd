import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertEvents } from '../../src/entities/event/event.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent } from './make.ts';
import { serve } from './stage.ts';

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.dispose());

async function linesFor(env: Record<string, string>) {
  const stage = await serve(own.db, env);
  const event = makeEvent({ event: 'thing.happened' });
  await own.db.transaction(() => insertEvents(own.db, [event]));
  await stage.close();
  return { event, lines: stage.logged.filter((line) => line['event_id'] === event.id) };
}

test('every event is logged where the setting says so, and only there', async () => {
  const on = await linesFor({ PREFECT_SERVER_SERVICES_EVENT_LOGGER_ENABLED: 'true' });
  expect(on.lines).toMatchObject([
    { msg: 'thing.happened', module: 'event_logger', resource_id: 'thing.1', occurred: on.event.occurred },
  ]);
  expect((await linesFor({})).lines).toEqual([]);
});
