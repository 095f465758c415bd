import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerBlocks } from '../../src/entities/block/catalogue.ts';
import { newFernetKey } from '../../src/entities/block/fernet.ts';
import { type Api, startApi } from './client.ts';

interface Row {
  id: string;
  [field: string]: unknown;
}

let api: Api;
let secret: Row;
let schema: Row;

beforeAll(async () => {
  api = await startApi();
  await registerBlocks(api.db);
  ({ secret, schema } = await secretType(api));
});
afterAll(() => api.close());

const body = async (answer: Promise<{ body: unknown }>): Promise<Row> => (await answer).body as Row;
const rows = async (answer: Promise<{ body: unknown }>): Promise<Row[]> => (await answer).body as Row[];

async function secretType({ ask, post }: Api): Promise<{ secret: Row; schema: Row }> {
  const secret = await body(ask('GET', '/block_types/slug/secret'));
  const [schema] = await rows(
    post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: [secret.id] } } }),
  );
  return { secret, schema: schema! };
}

const save = (name: string, value: unknown, to = api, of = { secret, schema }) =>
  to.post('/block_documents/', {
    name,
    data: { value },
    block_type_id: of.secret.id,
    block_schema_id: of.schema.id,
  });

describe('encryption', () => {
  test('a block is stored as a token; its key is made once', async () => {
    const { block_document, configuration } = api.db.tables;
    await Promise.all(['k-1', 'k-2', 'k-3'].map((name) => save(name, 'very secret')));
    const stored = await api.db.orm.select({ data: block_document.data }).from(block_document);
    expect(stored.length).toBeGreaterThanOrEqual(3);
    for (const { data } of stored) expect(data.text).toMatch(/^"gAAAA[\w-]+=*"$/);
    const keys = await api.db.orm.select().from(configuration).where(eq(configuration.key, 'ENCRYPTION_KEY'));
    expect(keys.map(({ value }) => Object.keys(value.parse() as object))).toEqual([['fernet_key']]);
    const [read] = await rows(
      api.post('/block_documents/filter', {
        block_documents: { name: { any_: ['k-2'] } },
        include_secrets: true,
      }),
    );
    expect(read!['data']).toEqual({ value: 'very secret' });
  });

  test('the key of the settings is used, and another one is told from it', async () => {
    const key = newFernetKey();
    const other = await startApi({ PREFECT_SERVER_ENCRYPTION_KEY: key });
    try {
      await registerBlocks(other.db);
      const of = await secretType(other);
      const { id } = await body(save('with-key', 'x', other, of));
      expect(await body(other.ask('GET', `/block_documents/${id}?include_secrets=1`))).toMatchObject({
        data: { value: 'x' },
      });
      const { configuration, block_document } = other.db.tables;
      expect(
        await other.db.orm.select().from(configuration).where(eq(configuration.key, 'ENCRYPTION_KEY')),
      ).toEqual([]);
      const [row] = await other.db.orm.select().from(block_document);
      const moved = await body(save('moved', 'y'));
      const own = api.db.tables.block_document;
      await api.db.orm.update(own).set({ data: row!.data }).where(eq(own.id, moved.id));
      expect(await api.ask('GET', `/block_documents/${moved.id}`)).toMatchObject({
        status: 500,
        body: {
          exception_message: expect.stringContaining(
            "The block moved can't be decrypted: set PREFECT_SERVER_ENCRYPTION_KEY",
          ),
        },
      });
      await api.db.orm.delete(own).where(eq(own.id, moved.id));
    } finally {
      await other.close();
    }
  });

  test('a database without the key that its blocks were written with gets no other one by being read', async () => {
    const other = await startApi({ PREFECT_SERVER_ENCRYPTION_KEY: newFernetKey() });
    const bare = await startApi();
    try {
      await registerBlocks(other.db);
      await registerBlocks(bare.db);
      await save('lost', 'x', other, await secretType(other));
      const { block_document, configuration } = bare.db.tables;
      const [row] = await other.db.orm.select().from(block_document);
      const { secret, schema } = await secretType(bare);
      await bare.db.orm
        .insert(block_document)
        .values({ ...row!, block_type_id: secret.id, block_schema_id: schema.id });
      expect((await bare.post('/block_documents/filter')).text).toContain(
        "The block lost can't be decrypted",
      );
      const keys = bare.db.orm.select().from(configuration).where(eq(configuration.key, 'ENCRYPTION_KEY'));
      expect(await keys).toEqual([]);
    } finally {
      await bare.close();
      await other.close();
    }
  });

  test("Python's NaN in a block that Prefect has written is null", async () => {
    const { encryptJson } = await import('../../src/entities/block/encryption-key.ts');
    const { JsonText } = await import('../../src/json/json.ts');
    const { id } = await body(save('nan', 'x'));
    const data = await encryptJson(api.db, new JsonText('{"value": [NaN, -Infinity, "NaN \\" Infinity"]}'));
    const { block_document } = api.db.tables;
    await api.db.orm.update(block_document).set({ data }).where(eq(block_document.id, id));
    expect(await body(api.ask('GET', `/block_documents/${id}?include_secrets=true`))).toMatchObject({
      data: { value: [null, null, 'NaN " Infinity'] },
    });
  });
});

describe('the built-in blocks', () => {
  const count = async () => {
    const { block_type, block_schema, block_schema_reference } = api.db.tables;
    return Promise.all(
      [block_type, block_schema, block_schema_reference].map(
        async (table) => (await api.db.orm.select().from(table)).length,
      ),
    );
  };

  test('are written once, also when two servers start at the same time', async () => {
    const twin = await startApi();
    try {
      await Promise.all([registerBlocks(twin.db), registerBlocks(twin.db)]);
      const { block_type, block_schema, block_schema_reference } = twin.db.tables;
      const counts = [block_type, block_schema, block_schema_reference].map(
        async (table) => (await twin.db.orm.select().from(table)).length,
      );
      expect(await Promise.all(counts)).toEqual([54, 64, 26]);
      expect(await registerBlocks(twin.db)).toBe(false);
    } finally {
      await twin.close();
    }
  });

  test('come back after they were deleted or changed', async () => {
    const before = await count();
    const s3 = await body(api.ask('GET', '/block_types/slug/s3-bucket'));
    expect((await api.ask('DELETE', `/block_types/${s3.id}`)).status).toBe(204);
    await api.ask('PATCH', `/block_types/${secret.id}`, { description: 'changed' });
    expect(await registerBlocks(api.db)).toBe(true);
    expect(await count()).toEqual(before);
    expect(await body(api.ask('GET', '/block_types/slug/secret'))).toMatchObject({
      id: secret.id,
      description: secret['description'],
    });
  });
});

test('the same schema, sent many times at once, is one', async () => {
  const type = await body(api.post('/block_types/', { name: 'many', slug: 'many' }));
  const fields = { title: 'Many', properties: {} };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api.post('/block_schemas/', { block_type_id: type.id, fields })),
  );
  expect(new Set(answers.map((answer) => (answer.body as Row).id)).size).toBe(1);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
});

test('a name can be had once, however many ask for it', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => save('wanted', 1)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
});

test('changes of one block at once lose nothing', async () => {
  const { id } = await body(save('shared', 0));
  await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      api.ask('PATCH', `/block_documents/${id}`, { data: { [`member-${i}`]: i } }),
    ),
  );
  const { data } = await body(api.ask('GET', `/block_documents/${id}`));
  expect(Object.keys(data as object).sort()).toEqual([
    ...Array.from({ length: 6 }, (_, i) => `member-${i}`),
    'value',
  ]);
});

test('a refused block leaves nothing behind', async () => {
  const data = { value: 1, up: { $ref: { block_document_id: '00000000-0000-4000-8000-000000000000' } } };
  const refused = await api.post('/block_documents/', {
    name: 'refused',
    data,
    block_type_id: secret.id,
    block_schema_id: schema.id,
  });
  expect(refused.status).toBe(409);
  expect((await api.ask('GET', '/block_types/slug/secret/block_documents/name/refused')).status).toBe(404);
});
