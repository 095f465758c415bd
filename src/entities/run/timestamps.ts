import { and, asc, eq, gte } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { fromMicros, type Timestamp, toMicros } from '../../time/timestamp.ts';

const LOOKED_AT = 1000;

/** The first moment from `wanted` on at which the flow run has no state; `latest` is its youngest one. */
export async function freeFlowRunTimestamp(
  { orm, tables: { flow_run_state: table } }: Database,
  id: string,
  latest: Timestamp | null,
  wanted: Timestamp,
): Promise<Timestamp> {
  if (latest === null || latest < wanted) return wanted;
  const rows = await orm
    .select({ timestamp: table.timestamp })
    .from(table)
    .where(and(eq(table.flow_run_id, id), gte(table.timestamp, wanted)))
    .orderBy(asc(table.timestamp))
    .limit(LOOKED_AT);
  return firstGap(rows, wanted);
}

/** As `freeFlowRunTimestamp`. Prefect doesn't do this for task runs, and fails where two states meet. */
export async function freeTaskRunTimestamp(
  { orm, tables: { task_run_state: table } }: Database,
  id: string,
  latest: Timestamp | null,
  wanted: Timestamp,
): Promise<Timestamp> {
  if (latest === null || latest < wanted) return wanted;
  const rows = await orm
    .select({ timestamp: table.timestamp })
    .from(table)
    .where(and(eq(table.task_run_id, id), gte(table.timestamp, wanted)))
    .orderBy(asc(table.timestamp))
    .limit(LOOKED_AT);
  return firstGap(rows, wanted);
}

function firstGap(taken: { timestamp: Timestamp }[], wanted: Timestamp): Timestamp {
  let free = toMicros(wanted);
  for (const { timestamp } of taken) {
    if (toMicros(timestamp) > free) break;
    free += 1;
  }
  return fromMicros(free);
}
