import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { upsertDeployment } from '../../src/entities/deployment/upsert.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { createTestDatabase } from '../support/database.ts';

/** Writes the rows in this order, and waits between them until `met` has been called twice: so two of these lock up. */
function writeBoth(db: Database, ids: string[], met: () => Promise<void>, calls: string[]): Promise<void> {
  const { flow } = db.tables;
  return db.transaction(async () => {
    calls.push(ids[0]!);
    for (const id of ids) {
      await db.orm
        .update(flow)
        .set({ tags: [ids[0]!] })
        .where(eq(flow.id, id));
      await met();
    }
  });
}

function meeting(of: number): () => Promise<void> {
  let here = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (++here === of) open();
    return all;
  };
}

test('a transaction that PostgreSQL gives up for another one is done again', async () => {
  const { target, dispose } = await createTestDatabase();
  if (target.backend !== 'postgres') throw new Error('PostgreSQL only');
  const db = await openDatabase({ ...target, sessionParameters: { deadlock_timeout: '20ms' } });
  try {
    const { flow } = db.tables;
    const rows = ['one', 'two'].map((name) => ({ name, tags: [] }));
    const made = await db.orm.insert(flow).values(rows).returning({ id: flow.id });
    const [one, two] = made.map(({ id }) => id) as [string, string];
    const calls: string[] = [];
    const met = meeting(2);
    await Promise.all([writeBoth(db, [one, two], met, calls), writeBoth(db, [two, one], met, calls)]);
    expect(calls).toHaveLength(3);
    const stored = await db.orm.select({ tags: flow.tags }).from(flow);
    expect(stored).toEqual([{ tags: [calls[2]] }, { tags: [calls[2]] }]);
  } finally {
    await db.close();
    await dispose();
  }
});

test('so is a statement alone', async () => {
  const { db: patient, target, dispose } = await createTestDatabase();
  if (target.backend !== 'postgres') throw new Error('PostgreSQL only');
  const db = await openDatabase({ ...target, sessionParameters: { deadlock_timeout: '300ms' } });
  try {
    const { flow } = db.tables;
    await db.orm.insert(flow).values(['one', 'two'].map((name) => ({ name, tags: [] })));
    const tags = sql`tags = '["alone"]'`;
    let alone: Promise<unknown> | undefined;
    await patient.transaction(async () => {
      await patient.execute(sql`update flow set name = 'second' where name = 'two'`);
      alone = db.execute(sql`update flow set ${tags}`);
      const waits = sql`select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`;
      await expect.poll(() => patient.execute(waits), { interval: 5 }).toHaveLength(1);
      await patient.execute(sql`update flow set name = 'first' where name = 'one'`);
    });
    await alone;
    const stored = await db.orm.select({ name: flow.name, tags: flow.tags }).from(flow).orderBy(flow.name);
    expect(stored).toEqual(['first', 'second'].map((name) => ({ name, tags: ['alone'] })));
  } finally {
    await db.close();
    await dispose();
  }
});

test('what is made and deleted by others at the same moment is made again', async () => {
  const { db, dispose } = await createTestDatabase();
  try {
    const again = async (times: number, work: () => Promise<unknown>) => {
      for (let i = 0; i < times; i++) await work();
    };
    const flow = await createFlow(db, { name: 'flow' });
    const made: { id: string }[] = [];
    const upsert = async () => made.push(await upsertDeployment(db, { flow_id: flow.id, name: 'one' }));
    const remove = () => db.orm.delete(db.tables.deployment);
    const flows: { name: string }[] = [];
    const create = async () => flows.push(await createFlow(db, { name: 'two' }));
    const forget = () => db.orm.delete(db.tables.flow).where(eq(db.tables.flow.name, 'two'));
    const works = [upsert, upsert, upsert, remove, create, create, forget];
    await Promise.all(works.map((work) => again(40, work)));
    expect(made.every(({ id }) => id !== undefined)).toBe(true);
    expect(flows.every((one) => one?.name === 'two')).toBe(true);
  } finally {
    await dispose();
  }
});
