import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEmptyTarget, type EmptyTarget } from '../support/engine.ts';
import { Serving } from './serve.ts';

const SERVERS = 8;

let database: EmptyTarget;
let servers: Serving[] = [];
beforeEach(async () => {
  database = await createEmptyTarget();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove();
  await database.dispose();
});

test('eight servers start at once on one empty database: one migrates it, all serve', {
  timeout: 120_000,
}, async () => {
  servers = await Promise.all(Array.from({ length: SERVERS }, () => Serving.start(database)));
  const welcomes = await Promise.all(servers.map(({ command }) => command.served()));
  const applied = welcomes.map((welcome) => (welcome['applied'] as string[]).length).sort();
  expect(applied.slice(0, -1)).toEqual(Array(SERVERS - 1).fill(0));
  expect(applied.at(-1)).toBeGreaterThan(1);
  expect(new Set(welcomes.map((welcome) => welcome['revision'])).size).toBe(1);

  const flows = await Promise.all(servers.map((server, i) => createFlow(server, `flow ${i}`)));
  const shared = await Promise.all(servers.map((server) => createFlow(server, 'shared')));
  expect(new Set(shared).size).toBe(1);
  for (const { url, faults } of servers) {
    expect(await (await fetch(`${url}/health`)).json()).toBe(true);
    expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({});
    for (const id of flows) expect((await fetch(`${url}/flows/${id}`)).status).toBe(200);
    expect(faults).toEqual([]);
  }
});

async function createFlow({ url }: Serving, name: string): Promise<string> {
  const answer = await fetch(`${url}/flows/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  expect([200, 201]).toContain(answer.status);
  return ((await answer.json()) as { id: string }).id;
}
