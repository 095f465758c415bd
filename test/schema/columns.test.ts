import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { JsonText } from '../../src/json/json.ts';
import { createTestDatabase, dialect, type TestDatabase } from '../support/database.ts';

let opened: TestDatabase;
let db: Database;
beforeAll(async () => {
  opened = await createTestDatabase();
  db = opened.db;
});
afterAll(() => opened.dispose());

let count = 0;
async function variable(value: JsonText | null) {
  const { variable } = db.tables;
  const [row] = await db.orm
    .insert(variable)
    .values({ name: `v${count++}`, value })
    .returning();
  const [read] = await db.orm.select().from(variable).where(eq(variable.id, row!.id));
  expect(read).toEqual(row);
  return read!;
}

async function flowRun(values: { total_run_time?: number; start_time?: string }) {
  const { flow, flow_run } = db.tables;
  const [parent] = await db.orm
    .insert(flow)
    .values({ name: `f${count++}` })
    .returning();
  const [row] = await db.orm
    .insert(flow_run)
    .values({ name: 'r', flow_id: parent!.id, ...values })
    .returning();
  const [read] = await db.orm.select().from(flow_run).where(eq(flow_run.id, row!.id));
  expect(read).toEqual(row);
  return read!;
}

describe("a user's JSON", () => {
  const texts = [
    '1.0',
    '0',
    '-7',
    '1e+100',
    '12345678901234567890123456789',
    '-0.10',
    'true',
    '"1.0"',
    '"ä\\n"',
    'null',
  ];
  // PostgreSQL has no exponents; the point at the end is what keeps it a float for Python.
  const expected = (text: string) =>
    dialect === 'postgres' && text === '1e+100' ? `1${'0'.repeat(100)}.0` : text;
  it.each(texts)('%s comes back as it was sent', async (text) => {
    expect((await variable(new JsonText(text))).value?.text).toBe(expected(text));
  });

  it('keeps numbers in objects and lists', async () => {
    const text = '{"a": [1.0, 12345678901234567890], "b": {"c": 0.10}}';
    expect((await variable(new JsonText(text))).value?.text).toBe(text);
  });

  it('is null where the database has null, and the text null where it has the JSON null', async () => {
    expect((await variable(null)).value).toBeNull();
    expect((await variable(JsonText.null)).value).toEqual(JsonText.null);
  });
});

describe('a duration', () => {
  it.each([0, 5, 0.000001, 1.5, 86_400.25, 100_000_000.123456, -1, -0.25, -90_061.5])(
    'of %d seconds',
    async (seconds) => {
      expect((await flowRun({ total_run_time: seconds })).total_run_time).toBe(seconds);
    },
  );

  it('is none by default, also by that of the table', async () => {
    expect((await flowRun({})).total_run_time).toBe(0);
    const { flow_run } = db.tables;
    await db.execute(sql`insert into flow_run (name, flow_id) select 'by the table', id from flow limit 1`);
    const [row] = await db.orm.select().from(flow_run).where(eq(flow_run.name, 'by the table'));
    expect(row).toMatchObject({ total_run_time: 0, run_count: 0, auto_scheduled: false, tags: [] });
    expect(row!.parameters).toEqual(new JsonText('{}'));
  });
});

describe('a timestamp', () => {
  it.each([
    '2026-11-21T02:24:57.929266Z',
    '2026-11-21T02:24:57.000000Z',
    '2026-11-21T02:24:57.900000Z',
    '1969-12-31T23:59:59.999999Z',
    '0001-01-01T00:00:00.000000Z',
    '9999-12-31T23:59:59.999999Z',
  ])('%s keeps its six digits', async (start_time) => {
    expect((await flowRun({ start_time })).start_time).toBe(start_time);
  });

  it('is compared as a moment, whatever the spelling', async () => {
    const { flow_run } = db.tables;
    const { id } = await flowRun({ start_time: '2026-11-21T03:24:57+01:00' });
    const where = eq(flow_run.start_time, '2026-11-21T02:24:57.000000Z');
    const rows = await db.orm.select({ id: flow_run.id }).from(flow_run).where(where);
    expect(rows.map((row) => row.id)).toContain(id);
  });
});

describe('the columns of every table', () => {
  it('have an id in lowercase and the same time of creation and update', async () => {
    const row = await variable(null);
    expect(row.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(row.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(row.updated).toBe(row.created);
  });

  it('find a row by an id in capitals', async () => {
    const row = await variable(null);
    const { variable: table } = db.tables;
    const rows = await db.orm.select().from(table).where(eq(table.id, row.id.toUpperCase()));
    expect(rows).toEqual([row]);
  });

  it('have a new time of update after an update', async () => {
    const row = await variable(null);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { variable: table } = db.tables;
    const [changed] = await db.orm
      .update(table)
      .set({ tags: ['x'] })
      .where(eq(table.id, row.id))
      .returning();
    expect(changed!.updated > row.updated).toBe(true);
    expect(changed!.created).toBe(row.created);
  });

  it('keep a label of 1.0', async () => {
    const { flow } = db.tables;
    const labels = new JsonText('{"rate": 1.0}').parse() as { rate: number };
    const [row] = await db.orm
      .insert(flow)
      .values({ name: `f${count++}`, labels })
      .returning();
    expect(JsonText.of(row!.labels).text).toBe('{"rate": 1.0}');
  });
});

it('stores timestamps and durations in the form that Prefect reads', async () => {
  const { id } = await flowRun({ total_run_time: 5, start_time: '2026-11-21T02:24:57.929266Z' });
  const [row] = await db.execute(sql`
    select cast(total_run_time as text) as total_run_time, cast(start_time as text) as start_time
    from flow_run where id = ${id}`);
  expect(row).toEqual(
    dialect === 'sqlite'
      ? { total_run_time: '1970-01-01 00:00:05.000000', start_time: '2026-11-21 02:24:57.929266' }
      : { total_run_time: '00:00:05', start_time: '2026-11-21 02:24:57.929266+00' },
  );
});
