import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isoDuration } from '../../src/api/settings-answer.ts';
import { type Api, startApi } from './client.ts';

describe('settings', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({
      PREFECT_SERVER_API_AUTH_STRING: 'admin:very-secret',
      PREFECT_API_DATABASE_CONNECTION_URL: 'postgresql+asyncpg://me:db-secret@localhost/db',
      PREFECT_SERVER_API_CSRF_TOKEN_EXPIRATION: '90',
    });
  });
  afterAll(() => api.close());

  test('are answered in the groups of Prefect, secrets masked', async () => {
    const authorization = `Basic ${Buffer.from('admin:very-secret').toString('base64')}`;
    const { status, body, text } = await api.ask('GET', '/admin/settings', undefined, { authorization });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      server: {
        api: {
          auth_string: '**********',
          port: 4200,
          csrf_token_expiration: 'PT1M30S',
          cors_allowed_origins: '*',
        },
        database: { connection_url: '**********', password: null },
        services: { late_runs: { after_seconds: 'PT15S' } },
      },
    });
    expect(text).not.toContain('secret');
  });
});

test.each([
  [0, 'PT0S'],
  [0.5, 'PT0.5S'],
  [90, 'PT1M30S'],
  [3600, 'PT1H'],
  [86_400, 'P1D'],
  [90_061.25, 'P1DT1H1M1.25S'],
])('%s seconds are %s', (seconds, text) => {
  expect(isoDuration(seconds)).toBe(text);
});

describe('the default storage', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  async function makeBlock(capabilities: string[]): Promise<string> {
    const { orm, tables } = api.db;
    const name = `type ${capabilities.length}`;
    const [type] = await orm.insert(tables.block_type).values({ name, slug: name }).returning();
    const [schema] = await orm
      .insert(tables.block_schema)
      .values({ checksum: name, capabilities, block_type_id: type!.id })
      .returning();
    const [block] = await orm
      .insert(tables.block_document)
      .values({ name: 'b', block_type_id: type!.id, block_schema_id: schema!.id, block_type_name: name })
      .returning();
    return block!.id;
  }

  const read = async () => (await api.ask('GET', '/admin/storage')).body;
  const put = (id: string) => api.ask('PUT', '/admin/storage', { default_result_storage_block_id: id });

  test('is none, until a block that can write is put there', async () => {
    expect(await read()).toEqual({ default_result_storage_block_id: null });
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await put(unknown)).toMatchObject({
      status: 404,
      body: { detail: `Block document ${unknown} not found.` },
    });
    const unable = await makeBlock(['read-path']);
    expect(await put(unable)).toMatchObject({
      status: 422,
      body: { detail: `Block document ${unable} cannot be used for result storage.` },
    });
    const able = await makeBlock(['read-path', 'write-path']);
    expect(await put(able)).toMatchObject({ status: 200, body: { default_result_storage_block_id: able } });
    expect(await read()).toEqual({ default_result_storage_block_id: able });
    expect((await put(able)).status).toBe(200);
    expect((await api.ask('DELETE', '/admin/storage')).status).toBe(204);
    expect((await api.ask('DELETE', '/admin/storage')).status).toBe(204);
    expect(await read()).toEqual({ default_result_storage_block_id: null });
  });
});
