import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { endLease, grantLease } from '../../src/entities/concurrency/lease.ts';
import { createLimit } from '../../src/entities/concurrency/limit.ts';
import { takeSlots } from '../../src/entities/concurrency/slots.ts';
import { resetTagLimit } from '../../src/entities/concurrency/tag-limit.ts';
import { createTestDatabase } from '../support/database.ts';

test('a slot that someone takes at the moment at which they are freed stays taken, and comes back once', async () => {
  const { db, dispose } = await createTestDatabase();
  try {
    const { concurrency_limit_v2: limits } = db.tables;
    const { id } = await createLimit(db, { name: 'tag:freed', limit: 1 });
    const taken = async () =>
      (await db.orm.select().from(limits).where(eq(limits.id, id))).map((limit) => limit.active_slots);
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const freeing = begun.then(() => resetTagLimit(db, 'freed', []));
    const lease = await db.transaction(async () => {
      await takeSlots(db, [id], 1);
      const granted = await grantLease(db, { limitIds: [id], slots: 1, seconds: 60 });
      begin();
      const waits = sql`select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`;
      await expect.poll(() => db.execute(waits), { interval: 5 }).toHaveLength(1);
      return granted;
    });
    expect(await freeing).toBe(true);
    expect(await taken()).toEqual([1]);
    expect(await endLease(db, lease)).toBe(true);
    expect(await taken()).toEqual([0]);
  } finally {
    await dispose();
  }
});
