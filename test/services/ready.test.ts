import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, startApi } from '../api/client.ts';
import { Serving } from '../server/serve.ts';
import { createMigratedTarget } from '../support/database.ts';
import { until } from './stage.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ PREFECT_SERVER_API_AUTH_STRING: 'admin:pass' });
});
afterAll(() => api.close());

test('readiness is open to all, what it tells of services to those who may know', async () => {
  expect((await api.ask('GET', '/ready')).body).not.toHaveProperty('services');
  expect((await api.ask('GET', '/ready?verbose')).status).toBe(401);
  const authorization = `Basic ${Buffer.from('admin:pass').toString('base64')}`;
  const { status, body } = await api.ask('GET', '/ready?verbose', undefined, { authorization });
  expect([status, body]).toMatchObject([200, { state: 'ready', services: [] }]);
});

type Report = { name: string; enabled: boolean; last_started: string | null }[];

test('a server runs its services, but those that are switched off, or none', async () => {
  const target = await createMigratedTarget();
  const off = { PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED: 'false' };
  const server = await Serving.start(target, off);
  try {
    const report = async () => {
      const answer = await fetch(`${server.url}/ready?verbose=1`);
      const { services } = (await answer.json()) as { services: Report };
      return new Map(services.map((service) => [service.name, service]));
    };
    await until(async () => [...(await report()).values()].filter((one) => one.last_started).length >= 8);
    const services = await report();
    expect(services.get('pause_expirations')).toMatchObject({ enabled: false, last_started: null });
    expect(services.get('late_runs')?.enabled).toBe(true);
    expect((await server.terminate()).code).toBe(0);
    expect(server.faults).toEqual([]);
  } finally {
    await server.remove();
    await target.dispose();
  }
});
