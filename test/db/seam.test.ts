import { count, eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { IntegrityError, unwrapDatabaseError } from '../../src/db/errors.ts';
import { openDatabase } from '../../src/db/open.ts';
import { now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let test_: TestDatabase;
let db: Database;

beforeEach(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
});

afterEach(() => test_.dispose());

const names = async (): Promise<string[]> =>
  (await db.orm.select({ name: db.tables.flow.name }).from(db.tables.flow)).map(({ name }) => name).sort();

const insert = (name: string) => db.orm.insert(db.tables.flow).values({ name, tags: [] });

describe('a transaction', () => {
  test('is seen by nobody before it commits', async () => {
    let during: string[] = [];
    await db.transaction(async () => {
      await insert('a');
      expect(await names()).toEqual(['a']);
      // From outside: a promise chain that was not started inside the transaction.
      during = await outside(names);
    });
    expect(during).toEqual([]);
    expect(await names()).toEqual(['a']);
  });

  test('leaves nothing when its work fails', async () => {
    await expect(
      db.transaction(async () => {
        await insert('a');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await names()).toEqual([]);
  });

  test('goes on after a nested one has failed', async () => {
    await db.transaction(async () => {
      await insert('outer');
      await db
        .transaction(async () => {
          await insert('inner');
          await insert('inner');
        })
        .catch((error) => expect(error).toBeInstanceOf(IntegrityError));
      await insert('after');
    });
    expect(await names()).toEqual(['after', 'outer']);
  });

  test('fifty at once that read, add and write lose nothing', async () => {
    const { flow } = db.tables;
    await insert('0');
    await Promise.all(
      Array.from({ length: 50 }, () =>
        db.transaction(async () => {
          const [row] = await db.dialect.lockRows(db.orm.select().from(flow), flow);
          await db.orm.update(flow).set({ name: String(Number(row!.name) + 1) });
        }),
      ),
    );
    expect(await names()).toEqual(['50']);
  });

  test('refuses statements after its end', async () => {
    let late: Promise<unknown> | undefined;
    await db.transaction(async () => {
      late = new Promise((resolve) => setTimeout(resolve, 30)).then(() => insert('late'));
    });
    await expect(late).rejects.toMatchObject({ cause: { message: expect.stringContaining('had ended') } });
    expect(await names()).toEqual([]);
  });

  test('calls its hooks after the commit, in order, and never after a rollback', async () => {
    const calls: string[] = [];
    await db.transaction(async () => {
      db.afterCommit(() => calls.push('first'));
      await db
        .transaction(async () => {
          db.afterCommit(() => calls.push('rolled back'));
          throw new Error('inner');
        })
        .catch(() => {});
      db.afterCommit(() => calls.push('second'));
      expect(calls).toEqual([]);
    });
    await db
      .transaction(async () => {
        db.afterCommit(() => calls.push('never'));
        throw new Error('outer');
      })
      .catch(() => {});
    db.afterCommit(() => calls.push('at once'));
    expect(calls).toEqual(['first', 'second', 'at once']);
  });
});

describe('errors of both drivers are ours', () => {
  const failure = (work: () => PromiseLike<unknown>): Promise<unknown> =>
    Promise.resolve(work()).then(
      () => undefined,
      (error) => unwrapDatabaseError(error),
    );

  test.each<[IntegrityError['kind'], () => PromiseLike<unknown>]>([
    ['unique', () => insert('twice')],
    ['foreign_key', () => db.orm.insert(db.tables.flow_run).values({ name: 'r', flow_id: UUID })],
    ['not_null', () => db.execute(sql`insert into flow (tags) values ('[]')`)],
    [
      'check',
      () =>
        db.execute(
          sql`update block_document_reference set parent_block_document_id = reference_block_document_id`,
        ),
    ],
  ])('%s', async (kind, work) => {
    await insert('twice');
    if (kind === 'check') await insertReference();
    expect(await failure(work)).toMatchObject({ kind });
  });

  test('in a long read too', async () => {
    await expect(db.longRead(() => db.execute(sql`select * from no_such_table`))).rejects.toThrow(
      /no_such_table/,
    );
  });
});

describe('many rows', () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      name: `flow ${from + i}`,
      tags: ['a'],
      created: now(),
      labels: null,
    }));

  test('go in at once, whatever their number', async () => {
    await db.insertMany(db.tables.flow, rows(0, 5_000));
    expect(await db.orm.select({ n: count() }).from(db.tables.flow)).toEqual([{ n: 5_000 }]);
  });

  test('tell which of them are new', async () => {
    const { flow } = db.tables;
    await db.insertMany(flow, rows(0, 3));
    const inserted = await db.insertMany(flow, rows(1, 5), {
      onConflictDoNothing: true,
      returning: [flow.name],
    });
    expect(inserted).toEqual([{ name: 'flow 3' }, { name: 'flow 4' }]);
  });

  test('go in all or not at all', async () => {
    await insert('flow 9');
    await expect(db.insertMany(db.tables.flow, rows(0, 20))).rejects.toBeInstanceOf(IntegrityError);
    expect(await names()).toEqual(['flow 9']);
  });
});

test('a long read does not stop the server', async () => {
  const ticks: number[] = [];
  const timer = setInterval(() => ticks.push(Date.now()), 10);
  await db.longRead(() =>
    db.execute(
      db.dialect.name === 'sqlite'
        ? sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000) select count(*) from n`
        : sql`select pg_sleep(0.4)`,
    ),
  );
  clearInterval(timer);
  expect(ticks.length).toBeGreaterThan(10);
});

test('a long read sees what was committed before it', async () => {
  for (let i = 0; i < 50; i++) {
    await insert(`flow ${i}`);
    const [row] = await db.longRead(() => db.orm.select({ n: count() }).from(db.tables.flow));
    expect(row).toEqual({ n: i + 1 });
  }
});

test('timestamps, intervals, booleans and JSON come back as they went in', async () => {
  await insert('f');
  const [flow] = await db.orm.select().from(db.tables.flow);
  const { flow_run } = db.tables;
  const moment = '2026-11-21T02:24:57.000001Z';
  await db.orm.insert(flow_run).values({
    flow_id: flow!.id,
    name: 'run',
    auto_scheduled: true,
    start_time: moment,
    total_run_time: 90_061.000001,
    tags: ['ü', '"'],
  });
  const [run] = await db.orm.select().from(flow_run).where(eq(flow_run.start_time, moment));
  expect(run).toMatchObject({
    start_time: moment,
    total_run_time: 90_061.000001,
    auto_scheduled: true,
    tags: ['ü', '"'],
  });
  const [seconds] = await db.orm
    .select({
      total: db.dialect.intervalSeconds(flow_run.total_run_time),
      since: db.dialect.secondsBetween(
        db.dialect.timestampValue('2026-11-20T02:24:56.500000Z'),
        flow_run.start_time,
      ),
    })
    .from(flow_run);
  expect(seconds!.total).toBeCloseTo(90_061.000001, 6);
  expect(seconds!.since).toBeCloseTo(86_400.500001, 6);
});

test('a database can be opened twice at the same time', async () => {
  const second = await openDatabase(test_.target);
  try {
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        [db, second][i % 2]!.transaction(async () => {
          await [db, second][i % 2]!.orm.insert(db.tables.flow).values({ name: `n${i}`, tags: [] });
        }),
      ),
    );
    expect((await names()).length).toBe(40);
  } finally {
    await second.close();
  }
});

const UUID = '00000000-0000-4000-8000-000000000000';

/** Runs something as a request beside this one would: with no transaction around it. */
function outside<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    queue.push(() => work().then(resolve, reject));
  });
}
const queue: (() => void)[] = [];
setInterval(() => queue.shift()?.(), 1).unref();

async function insertReference(): Promise<void> {
  const { block_type, block_schema, block_document, block_document_reference } = db.tables;
  const [type] = await db.orm.insert(block_type).values({ name: 't', slug: 't' }).returning();
  const [schema] = await db.orm
    .insert(block_schema)
    .values({ checksum: 'c', block_type_id: type!.id, version: '1' })
    .returning();
  const documents = await db.orm
    .insert(block_document)
    .values(['a', 'b'].map((name) => ({ name, block_type_id: type!.id, block_schema_id: schema!.id })))
    .returning();
  await db.orm.insert(block_document_reference).values({
    name: 'r',
    parent_block_document_id: documents[0]!.id,
    reference_block_document_id: documents[1]!.id,
  });
}
