import { afterAll, beforeAll, expect, test } from 'vitest';
import { renewCsrfToken } from '../../src/entities/csrf-token.ts';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ PREFECT_SERVER_CSRF_PROTECTION_ENABLED: 'true' });
});
afterAll(() => api.close());

interface Token {
  token: string;
  client: string;
  expiration: string;
}

const token = async (client: string): Promise<Token> =>
  (await api.ask('GET', `/csrf-token?client=${client}`)).body;
const create = (headers: Record<string, string>) => api.ask('POST', '/flows/', { name: 'f' }, headers);

test('a change needs the token of its client; reading needs none', async () => {
  const { token: mine, client } = await token('me');
  expect(client).toBe('me');
  expect(await create({})).toMatchObject({ status: 403, body: { detail: 'Missing CSRF token.' } });
  expect(await create({ 'Prefect-Csrf-Token': mine })).toMatchObject({
    status: 403,
    body: { detail: 'Missing client identifier.' },
  });
  const wrong = { status: 403, body: { detail: 'Invalid CSRF token or client identifier.' } };
  expect(await create({ 'Prefect-Csrf-Token': mine, 'Prefect-Csrf-Client': 'you' })).toMatchObject(wrong);
  expect(await create({ 'Prefect-Csrf-Token': `${mine}0`, 'Prefect-Csrf-Client': 'me' })).toMatchObject(
    wrong,
  );
  expect((await create({ 'Prefect-Csrf-Token': mine, 'Prefect-Csrf-Client': 'me' })).status).toBe(201);
  expect((await api.ask('GET', '/admin/version')).status).toBe(200);
  expect((await api.ask('DELETE', `/flows/${'0'.repeat(32)}`)).status).toBe(403);
});

test('a new token replaces the one before', async () => {
  const first = await token('twice');
  const second = await token('twice');
  expect(second.token).not.toBe(first.token);
  expect((await create({ 'Prefect-Csrf-Token': first.token, 'Prefect-Csrf-Client': 'twice' })).status).toBe(
    403,
  );
  expect((await create({ 'Prefect-Csrf-Token': second.token, 'Prefect-Csrf-Client': 'twice' })).status).toBe(
    200,
  );
});

test('a token that has expired is worth nothing, and goes', async () => {
  const { db } = api;
  const old = await renewCsrfToken(db, 'late', 0.001);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await create({ 'Prefect-Csrf-Token': old.token, 'Prefect-Csrf-Client': 'late' })).status).toBe(403);
  await token('another');
  const clients = (await db.orm.select().from(db.tables.csrf_token)).map(({ client }) => client);
  expect(clients).not.toContain('late');
});

test('a client must name itself', async () => {
  expect((await api.ask('GET', '/csrf-token')).status).toBe(422);
});
