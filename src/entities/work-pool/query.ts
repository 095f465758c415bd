import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { slotsOfPools } from '../concurrency/active-slots.ts';
import { type WorkPoolFilter, workPoolFilter } from '../filters/work-pool.ts';
import { countRows, type Part } from '../list.ts';
import type { WorkPool } from './event.ts';

const NO_STORAGE = {
  bundle_upload_step: null,
  bundle_execution_step: null,
  default_result_storage_block_id: null,
};

/** A pool as it goes over the wire; only one with a limit tells how many slots are taken. */
function toWorkPool(pool: WorkPool, activeSlots: number) {
  const { last_transitioned_status_at, last_status_event_id, ...rest } = pool;
  return {
    ...rest,
    // Agents never told how they are.
    status: pool.type === 'prefect-agent' ? null : pool.status,
    storage_configuration: { ...NO_STORAGE, ...pool.storage_configuration },
    active_slots: pool.concurrency_limit === null ? null : activeSlots,
  };
}

export async function withSlots(db: Database, pools: WorkPool[]) {
  const limited = pools.filter((pool) => pool.concurrency_limit !== null);
  const slots = await slotsOfPools(
    db,
    limited.map(({ id }) => id),
  );
  return pools.map((pool) => toWorkPool(pool, slots.get(pool.id) ?? 0));
}

export function findWorkPools(
  db: Database,
  filter: WorkPoolFilter | null | undefined,
  { limit, offset }: Part,
) {
  const { work_pool } = db.tables;
  return db.longRead(async () => {
    const pools = await db.orm
      .select()
      .from(work_pool)
      .where(workPoolFilter(db, filter))
      .orderBy(asc(work_pool.name))
      .limit(limit)
      .offset(offset);
    return withSlots(db, pools);
  });
}

export function countWorkPools(db: Database, filter: WorkPoolFilter | null | undefined): Promise<number> {
  return countRows(db, db.tables.work_pool, workPoolFilter(db, filter));
}

export async function readWorkPoolById(db: Database, id: string): Promise<WorkPool | undefined> {
  const { work_pool } = db.tables;
  const [pool] = await db.orm.select().from(work_pool).where(eq(work_pool.id, id));
  return pool;
}
