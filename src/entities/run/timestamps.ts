import { and, asc, type Column, eq, gte, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { fromMicros, type Timestamp, toMicros } from '../../time/timestamp.ts';

type FlowRunStates = Tables['flow_run_state'];
type TaskRunStates = Tables['task_run_state'];

/** A table of states, and its column that names the run. */
interface StatesOfRuns {
  states: FlowRunStates | TaskRunStates;
  run: FlowRunStates['flow_run_id'] | TaskRunStates['task_run_id'];
}

export const ofFlowRuns = ({ flow_run_state: states }: Tables): StatesOfRuns => ({
  states,
  run: states.flow_run_id,
});

export const ofTaskRuns = ({ task_run_state: states }: Tables): StatesOfRuns => ({
  states,
  run: states.task_run_id,
});

/** The moment of the youngest state of the run with this id, as a column of a query. */
export function latestTimestamp({ states, run }: StatesOfRuns, id: Column): SQL<Timestamp | null> {
  const ofRun = sql`s.${sql.identifier(run.name)} = ${id}`;
  const latest = sql<Timestamp | null>`(select max(s.timestamp) from ${states} s where ${ofRun})`;
  return latest.mapWith(states.timestamp);
}

const LOOKED_AT = 1000;

/** The first moment from `wanted` on at which the run has no state; `latest` is its youngest one. */
export async function freeTimestamp(
  { orm }: Database,
  { states, run }: StatesOfRuns,
  id: string,
  latest: Timestamp | null,
  wanted: Timestamp,
): Promise<Timestamp> {
  if (latest === null || latest < wanted) return wanted;
  const rows = await orm
    .select({ timestamp: states.timestamp })
    .from(states)
    .where(and(eq(run, id), gte(states.timestamp, wanted)))
    .orderBy(asc(states.timestamp))
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
