import { randomUUID } from 'node:crypto';
import { asc, eq, getTableColumns, type SQL } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { float } from '../../json/float.ts';
import { now } from '../../time/timestamp.ts';
import { insertEvents } from '../event/event.ts';
import { lifecycleEvent } from '../event/lifecycle-event.ts';
import type { Part } from '../list.ts';
import { activeSlots, DEFAULT_WAITS, deniedSlots, type SlotWaits } from './slot-decay.ts';
import type { ConcurrencyLimit } from './slots.ts';

export type { ConcurrencyLimit } from './slots.ts';

type NewLimit = Tables['concurrency_limit_v2']['$inferInsert'];

export type LimitCreate = Pick<NewLimit, 'name' | 'limit'> &
  Partial<Pick<NewLimit, 'active' | 'active_slots' | 'denied_slots' | 'slot_decay_per_second'>>;

/** Null stands for nothing that the table takes: the database refuses it. */
export type LimitChanges = {
  [Field in keyof LimitCreate]?: LimitCreate[Field] | null;
};

/** A limit is known by its id or by its name. */
export type LimitKey = { id: string } | { name: string };

/** A row with Prefect's defaults in it. */
export function newLimit(limit: LimitCreate): ConcurrencyLimit {
  const moment = now();
  return {
    id: randomUUID(),
    created: moment,
    updated: moment,
    active: true,
    active_slots: 0,
    denied_slots: 0,
    slot_decay_per_second: 0,
    avg_slot_occupancy_seconds: 2,
    ...limit,
  };
}

/** Answers it as ConcurrencyLimitV2. */
export function createLimit(db: Database, limit: LimitCreate) {
  const row = newLimit(limit);
  return db.transaction(async () => {
    await db.orm.insert(db.tables.concurrency_limit_v2).values(row);
    await recordChanges(db, 'created', [row]);
    const avg_slot_occupancy_seconds = float(row.avg_slot_occupancy_seconds);
    return { ...toAnswer(row), avg_slot_occupancy_seconds };
  });
}

export async function readLimit(db: Database, key: LimitKey) {
  const [row] = await selectLimits(db).where(is(db, key));
  return row && toAnswer(row);
}

/** By name. */
export function findLimits(db: Database, { limit, offset }: Part) {
  const { name } = db.tables.concurrency_limit_v2;
  return db.longRead(async () => {
    const rows = await selectLimits(db).orderBy(asc(name)).limit(limit).offset(offset);
    return rows.map(toAnswer);
  });
}

/** As GlobalConcurrencyLimitResponse. */
function toAnswer<Row extends { slot_decay_per_second: number }>(row: Row) {
  return { ...row, slot_decay_per_second: float(row.slot_decay_per_second) };
}

function selectLimits(db: Database) {
  const { concurrency_limit_v2: limit } = db.tables;
  const { denied_slots: _, avg_slot_occupancy_seconds: __, ...columns } = getTableColumns(limit);
  const active_slots = activeSlots(db).mapWith(Number).as('active_slots_now');
  return db.orm.select({ ...columns, active_slots }).from(limit);
}

/** The limits of these names that there are, by name. */
export async function readLimitsByName(db: Database, names: string[]): Promise<ConcurrencyLimit[]> {
  const { concurrency_limit_v2: limit } = db.tables;
  return db.orm.select().from(limit).where(db.dialect.isIn(limit.name, names)).orderBy(asc(limit.name));
}

/** False when there is no such limit. What its slots have decayed by now is written, so that the change takes nothing from it. */
export function updateLimit(
  db: Database,
  key: LimitKey,
  changes: LimitChanges,
  waits: SlotWaits = DEFAULT_WAITS,
): Promise<boolean> {
  const { concurrency_limit_v2: limit } = db.tables;
  return db.transaction(async () => {
    const rows = await db.orm
      .update(limit)
      .set({
        active_slots: activeSlots(db),
        denied_slots: deniedSlots(db, waits),
        ...(changes as LimitCreate),
        updated: now(),
      })
      .where(is(db, key))
      .returning();
    await recordChanges(db, 'updated', rows);
    return rows.length > 0;
  });
}

/** Deployments that are tied to it are without a limit then. False when there is no such limit. */
export function deleteLimit(db: Database, key: LimitKey): Promise<boolean> {
  return db.transaction(async () => {
    const rows = await db.orm.delete(db.tables.concurrency_limit_v2).where(is(db, key)).returning();
    await recordChanges(db, 'deleted', rows);
    return rows.length > 0;
  });
}

function is(db: Database, key: LimitKey): SQL {
  const { id, name } = db.tables.concurrency_limit_v2;
  return 'id' in key ? eq(id, key.id) : eq(name, key.name);
}

async function recordChanges(
  db: Database,
  action: 'created' | 'updated' | 'deleted',
  limits: ConcurrencyLimit[],
): Promise<void> {
  const events = limits.map(({ id, name, limit, active, slot_decay_per_second }) =>
    lifecycleEvent(action, {
      kind: 'concurrency-limit',
      id,
      name,
      payload: { name, limit, active, slot_decay_per_second: float(slot_decay_per_second) },
    }),
  );
  await insertEvents(db, events);
}
