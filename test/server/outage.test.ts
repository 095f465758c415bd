import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { type Outage, prepareOutage } from '../support/outage.ts';
import { outageEvent, serveImpatiently, surviveOutage } from './outage-steps.ts';
import { frame, OPCODE, RawSocket } from './raw-socket.ts';
import type { Serving } from './serve.ts';

let database: EmptyTarget;
let outage: Outage;
let server: Serving;
beforeEach(async () => {
  database = await createMigratedTarget();
  outage = await prepareOutage(database.target);
  server = await serveImpatiently(outage);
});
afterEach(async () => {
  await outage.end();
  await server.remove();
  await database.dispose();
});

describe('a database that goes away', { timeout: 60_000 }, () => {
  test('and comes back', () => surviveOutage(server, outage));

  test('and stays away when the server is told to stop: it does', async () => {
    const sender = await RawSocket.authenticated(server.url, '/api/events/in');
    await outage.begin();
    sender.send(outageEvent(randomUUID()), frame(OPCODE.ping, 'safe?'));
    await sleep(300);
    const { code, seconds } = await server.terminate();
    expect(seconds).toBeLessThan(5);
    expect(code).toBe(0);
    expect(sender.frames.filter(({ opcode }) => opcode === OPCODE.pong)).toEqual([]);
    sender.end();
  });
});
