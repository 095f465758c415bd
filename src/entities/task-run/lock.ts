import { and, desc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { type FlowRunStateRow, type ResultColumns, type TaskRunStateRow, toState } from '../run/row.ts';
import type { State } from '../run/state.ts';
import type { TaskRunRow } from './task-run.ts';

export interface LockedTaskRun {
  run: TaskRunRow;
  state: TaskRunStateRow | null;
  artifact: ResultColumns | null;
  /** The flow run that it belongs to, with what is asked about its state. */
  flowRun: { id: string; run_count: number } | null;
  flowRunState: Pick<FlowRunStateRow, 'type' | 'state_details'> | null;
  /** The youngest state of the run: the current one, unless clocks disagree. */
  latest: Timestamp | null;
}

const query = prepared((db) => {
  const { dialect, orm, tables } = db;
  const { artifact, flow_run, flow_run_state, task_run, task_run_state } = tables;
  const select = orm
    .select({
      run: task_run,
      state: task_run_state,
      artifact: { data: artifact.data },
      flowRun: { id: flow_run.id, run_count: flow_run.run_count },
      flowRunState: { type: flow_run_state.type, state_details: flow_run_state.state_details },
      latest:
        sql<Timestamp | null>`(select max(s.timestamp) from ${task_run_state} s where s.task_run_id = ${task_run.id})`.mapWith(
          task_run_state.timestamp,
        ),
    })
    .from(task_run)
    .leftJoin(task_run_state, eq(task_run_state.id, task_run.state_id))
    .leftJoin(artifact, eq(artifact.id, task_run_state.result_artifact_id))
    .leftJoin(flow_run, eq(flow_run.id, task_run.flow_run_id))
    .leftJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .where(eq(task_run.id, sql.placeholder('id')));
  return dialect.lockRows(select, task_run).prepare('lock_task_run');
});

/** Reads a task run with all that a change of its state needs, and keeps others from changing it until the transaction ends. */
export async function lockTaskRun(db: Database, id: string): Promise<LockedTaskRun | undefined> {
  const [row] = await query(db).execute({ id });
  if (!row || row.run.state_id === (row.state?.id ?? null)) return row;
  // As in `lockFlowRun`: after a wait for the lock, what is joined may be older than the run.
  const [second] = await query(db).execute({ id });
  return second;
}

const cached = prepared(({ orm, tables }) => {
  const { artifact, task_run_state, task_run_state_cache: cache } = tables;
  const moment = sql.param(sql.placeholder('moment'), cache.cache_expiration);
  return orm
    .select({ state: task_run_state, artifact: { data: artifact.data } })
    .from(cache)
    .leftJoin(task_run_state, eq(task_run_state.id, cache.task_run_state_id))
    .leftJoin(artifact, eq(artifact.id, task_run_state.result_artifact_id))
    .where(
      and(
        eq(cache.cache_key, sql.placeholder('cache_key')),
        or(isNull(cache.cache_expiration), gt(cache.cache_expiration, moment)),
      ),
    )
    .orderBy(desc(cache.created))
    .limit(1)
    .prepare('cached_task_run_state');
});

/** The completed state that was cached last under this key, unless it has expired or is gone. */
export async function findCachedState(db: Database, cache_key: string): Promise<State | null> {
  const [found] = await cached(db).execute({ cache_key, moment: now() });
  return found?.state ? toState(found.state, found.artifact) : null;
}
