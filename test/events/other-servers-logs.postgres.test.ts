import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { createLogs, type Log } from '../../src/entities/log.ts';
import { now } from '../../src/time/timestamp.ts';
import { createTestDatabase } from '../support/database.ts';
import { Client, serve } from './stage.ts';

const ON = {
  PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED: 'true',
  PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED: 'true',
};

test('a listener is told of logs that another server took, each once', async () => {
  const own = await createTestDatabase();
  const other = await openDatabase(own.target);
  const stage = await serve(own.db, ON);
  try {
    const run = randomUUID();
    const base = { name: 'l', level: 20, task_run_id: null };
    const write = (message: string) =>
      createLogs(other, [{ ...base, message, timestamp: now(), flow_run_id: run }]);
    const client = await new Client(`${stage.url}/logs/out`).enter();
    client.send({ type: 'filter', filter: { flow_run_id: { any_: [run] } } });
    // Until listening has begun, which nothing tells.
    const first = setInterval(() => void write('first'), 50);
    await client.until(1);
    clearInterval(first);
    await write('last');
    const told = () => client.received.map((frame) => (frame as { log: Log }).log.message);
    while (!told().includes('last')) await client.until(client.received.length + 1);
    expect(told().filter((message) => message === 'last')).toHaveLength(1);
    client.ws.close();
  } finally {
    await stage.close();
    await other.close();
    await own.dispose();
  }
});
