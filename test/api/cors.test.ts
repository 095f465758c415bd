import { expect, test } from 'vitest';
import { startApi } from './client.ts';

const CORS = /^(access-control|vary)/;

async function withApi(
  env: Record<string, string>,
  work: (api: Awaited<ReturnType<typeof startApi>>) => Promise<void>,
) {
  const api = await startApi(env);
  await work(api).finally(() => api.close());
}

const corsOf = (headers: Headers) => Object.fromEntries([...headers].filter(([name]) => CORS.test(name)));

const asking = (origin: string, method: string, headers?: string) => ({
  origin,
  'access-control-request-method': method,
  ...(headers && { 'access-control-request-headers': headers }),
});

test('by default any page may call, with any method and any header, refused or not', async () => {
  await withApi({ PREFECT_SERVER_API_AUTH_STRING: 'admin:pass' }, async ({ ask }) => {
    const preflight = await ask(
      'OPTIONS',
      '/flows/filter',
      undefined,
      asking('http://ui.test', 'POST', 'X-Mine, Accept'),
    );
    expect([preflight.status, preflight.text]).toEqual([200, 'OK']);
    expect(corsOf(preflight.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'X-Mine, Accept',
      'access-control-max-age': '600',
    });
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    const unauthorized = await ask('POST', '/flows/filter', {}, { origin: 'http://ui.test' });
    expect(unauthorized.status).toBe(401);
    expect(unauthorized.headers.get('access-control-allow-origin')).toBe('*');
    // Nothing is said to who doesn't ask, and an OPTIONS that is no question is what it was.
    expect((await ask('GET', '/health')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask('OPTIONS', '/flows/filter', undefined, { origin: 'http://ui.test' })).status).toBe(405);
  });
});

test('settings name the origins, methods and headers', async () => {
  const env = {
    PREFECT_SERVER_CORS_ALLOWED_ORIGINS: 'http://a.test,http://b.test',
    PREFECT_SERVER_CORS_ALLOWED_METHODS: 'GET,POST',
    PREFECT_SERVER_CORS_ALLOWED_HEADERS: 'x-prefect-api-version',
  };
  await withApi(env, async ({ ask }) => {
    const mine = await ask('POST', '/flows/count', {}, { origin: 'http://b.test' });
    expect(corsOf(mine.headers)).toEqual({
      'access-control-allow-origin': 'http://b.test',
      vary: 'Origin, Accept-Encoding',
    });
    const strange = await ask('POST', '/flows/count', {}, { origin: 'http://c.test' });
    expect([strange.status, strange.headers.get('access-control-allow-origin')]).toEqual([200, null]);

    const good = await ask(
      'OPTIONS',
      '/flows/',
      undefined,
      asking('http://a.test', 'POST', 'X-Prefect-Api-Version, content-type'),
    );
    expect([good.status, good.headers.get('access-control-allow-origin')]).toEqual([200, 'http://a.test']);
    expect(good.headers.get('access-control-allow-headers')).toContain('x-prefect-api-version');
    const bad = await ask('OPTIONS', '/flows/', undefined, asking('http://c.test', 'DELETE', 'x-else'));
    expect([bad.status, bad.text]).toEqual([400, 'Disallowed CORS origin, method, headers']);
    expect(bad.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('metrics are there when the setting says so', async () => {
  await withApi({ PREFECT_SERVER_METRICS_ENABLED: 'true' }, async ({ ask }) => {
    const { status, headers, text } = await ask('GET', '/metrics');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
    ])
      expect(text).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge)\n${name} [0-9.e+]+$`, 'm'));
  });
  await withApi({}, async ({ ask }) => expect((await ask('GET', '/metrics')).status).toBe(404));
});

test('long answers are compressed for who takes them so', async () => {
  await withApi({}, async ({ post, ask }) => {
    const description = 'x'.repeat(500);
    for (let i = 0; i < 30; i++)
      await post('/artifacts/', { key: `k${i}`, type: 'markdown', data: description, description });
    const answer = await ask('POST', '/artifacts/filter', {}, { 'accept-encoding': 'gzip' });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(JSON.parse(answer.text)).toHaveLength(30);
    const plain = await ask('POST', '/artifacts/filter', {}, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });
});
