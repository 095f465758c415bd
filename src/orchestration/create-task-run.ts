import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { stillThere } from '../db/errors.ts';
import { completeTaskRunPolicy } from '../entities/run/policy.ts';
import { newState, type StateProposal } from '../entities/run/state.ts';
import { randomSlug } from '../entities/slug.ts';
import { insertTaskRun, type NewTaskRun, readEnclosingFlowRun } from '../entities/task-run/insert.ts';
import {
  readTaskRun,
  readTaskRunByKey,
  type TaskRun,
  type TaskRunRow,
} from '../entities/task-run/task-run.ts';
import { now } from '../time/timestamp.ts';
import { setTaskRunStateNow, taskPolicyFor } from './set-task-run-state.ts';
import { enclosingFlowRun } from './task-run-change.ts';

/** What a task run is made of; what is absent gets Prefect's default. */
export type TaskRunProposal = Pick<NewTaskRun, 'task_key' | 'dynamic_key'> &
  Partial<Omit<NewTaskRun, 'id' | 'created' | 'updated' | 'name'>> & {
    id?: string | null;
    name?: string | null;
    state?: StateProposal | null;
  };

/**
 * Makes a task run with its first state, PENDING unless it is given, in one transaction. Of the same keys there is one
 * task run in a flow run: an existing one is given back as it is.
 */
export function createTaskRun(db: Database, proposal: TaskRunProposal): Promise<TaskRun> {
  return db.transaction(async () => {
    const run = newRow(proposal);
    if (run.flow_run_id === null) {
      const existing = await readTaskRunByKey(db, run);
      if (existing) return existing;
    }
    const enclosing = run.flow_run_id === null ? undefined : await readEnclosingFlowRun(db, run.flow_run_id);
    run.labels = { ...enclosing?.labels, ...systemLabels(run), ...run.labels };
    if (!(await insertTaskRun(db, run))) return stillThere(await readTaskRunByKey(db, run));
    const flowRun = enclosing ? enclosingFlowRun(enclosing.flowRun, enclosing.state) : null;
    const state = newState(proposal.state ?? { type: 'PENDING' });
    const before = { run, initial: null, flowRun, latest: null };
    await setTaskRunStateNow(db, before, state, taskPolicyFor(state, true));
    return (await readTaskRun(db, run.id))!;
  });
}

function systemLabels({ flow_run_id }: NewTaskRun): Record<string, string> {
  return flow_run_id === null ? {} : { 'prefect.flow-run.id': flow_run_id };
}

function newRow({ state: _, ...given }: TaskRunProposal): TaskRunRow {
  const moment = now();
  return {
    flow_run_id: null,
    cache_key: null,
    cache_expiration: null,
    task_version: null,
    ...given,
    labels: given.labels ?? null,
    id: given.id ?? randomUUID(),
    created: moment,
    updated: moment,
    name: given.name || randomSlug(),
    tags: given.tags ?? [],
    task_inputs: given.task_inputs ?? {},
    empirical_policy: given.empirical_policy ?? { ...completeTaskRunPolicy(null) },
    state_id: null,
    state_type: null,
    state_name: null,
    state_timestamp: null,
    run_count: 0,
    flow_run_run_count: 0,
    expected_start_time: null,
    next_scheduled_start_time: null,
    start_time: null,
    end_time: null,
    total_run_time: 0,
  };
}
