import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { LockPurpose } from '../../db/dialect.ts';
import { prepared } from '../../db/prepared.ts';
import { detail } from '../../errors.ts';
import type { WorkPool } from './event.ts';

const byName = prepared(({ orm, tables: { work_pool } }) =>
  orm
    .select()
    .from(work_pool)
    .where(eq(work_pool.name, sql.placeholder('name')))
    .prepare('work_pool_by_name'),
);

export async function readWorkPool(db: Database, name: string): Promise<WorkPool | undefined> {
  const [pool] = await byName(db).execute({ name });
  return pool;
}

/** @throws HttpError 404 */
export async function findWorkPool(db: Database, name: string): Promise<WorkPool> {
  const pool = await readWorkPool(db, name);
  if (!pool) throw noSuchPool(name);
  return pool;
}

export function noSuchPool(name: string) {
  return detail(404, `Work pool "${name}" not found.`);
}

/** Who locks more than the pool locks it first, then its queues, then deployments: so nobody waits for each other. */
export async function lockWorkPool(db: Database, name: string, purpose?: LockPurpose): Promise<WorkPool> {
  const pool = await lockWorkPoolIfAny(db, name, purpose);
  if (!pool) throw noSuchPool(name);
  return pool;
}

export async function lockWorkPoolIfAny(
  db: Database,
  name: string,
  purpose?: LockPurpose,
): Promise<WorkPool | undefined> {
  const { work_pool } = db.tables;
  const select = db.orm.select().from(work_pool).where(eq(work_pool.name, name));
  const [pool] = await db.dialect.lockRows(select, work_pool, purpose);
  return pool;
}
