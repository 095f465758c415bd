import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { insertEvents } from '../../src/entities/event/event.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase } from '../support/database.ts';
import { makeEvent } from './make.ts';
import { Client, serve } from './stage.ts';

test('a listener gets what other servers on the database commit, each event once', async () => {
  const own = await createTestDatabase();
  const other = await openDatabase(own.target);
  const stage = await serve(own.db);
  try {
    const name = `other.${randomUUID()}`;
    const past = makeEvent({ event: name });
    await other.transaction(() => insertEvents(other, [past]));
    const client = await new Client(`${stage.url}/events/out`).enter();
    const filter = { event: { name: [name] }, occurred: { until: addSeconds(now(), 3600) } };
    client.send({ type: 'filter', filter });
    await client.until(1);
    const sent = [past.id];
    for (let i = 0; i < 30; i++) {
      const event = makeEvent({ event: name });
      sent.push(event.id);
      const db = i % 3 === 0 ? own.db : other;
      await db.transaction(async () => {
        await insertEvents(db, [event]);
        // A transaction that is seen later than it began.
        if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1200));
      });
    }
    await client.until(sent.length);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const got = client.received.map((message) => (message as { event: { id: string } }).event.id);
    expect(got.toSorted()).toEqual(sent.toSorted());
    client.ws.close();
  } finally {
    await stage.close();
    await other.close();
    await own.dispose();
  }
}, 40_000);
