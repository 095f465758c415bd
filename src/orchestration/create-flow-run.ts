import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { stillThere } from '../db/errors.ts';
import { type FlowRun, type FlowRunRow, readFlowRunByKey, toFlowRun } from '../entities/flow-run/flow-run.ts';
import { type NewFlowRun, readSurroundings } from '../entities/flow-run/insert.ts';
import { completeFlowRunPolicy } from '../entities/run/policy.ts';
import { newState, type StateProposal } from '../entities/run/state.ts';
import { randomSlug } from '../entities/slug.ts';
import { JsonText } from '../json/json.ts';
import { now, type Timestamp } from '../time/timestamp.ts';
import { type Client, newestClient } from './client.ts';
import { changeFlowRun, type FlowRunBefore, type FlowRunChange } from './flow-run-change.ts';
import { minimalFlowPolicy } from './policies.ts';
import { writeNewFlowRun } from './set-flow-run-state.ts';

/** What a flow run is made of; what is absent gets Prefect's default. */
export type FlowRunProposal = Pick<NewFlowRun, 'flow_id'> &
  Partial<Omit<NewFlowRun, 'id' | 'created' | 'updated'>> & { state?: StateProposal | null };

const EMPTY = new JsonText('{}');

/**
 * Makes a flow run with its first state, PENDING unless it is given, in one transaction with the event of it. Of one
 * flow and idempotency key there is one run: an existing one is given back as it is.
 */
export function createFlowRun(
  db: Database,
  proposal: FlowRunProposal,
  client: Client = newestClient,
): Promise<FlowRun> {
  return db.transaction(async () => {
    const run = newRow(proposal);
    const around = await readSurroundings(db, run);
    const inherited = around.deployment ? around.deployment.labels : around.flow.labels;
    run.labels = { ...inherited, ...systemLabels(run, around.deployment), ...proposal.labels };
    const before: FlowRunBefore = { run, initial: null, around, latest: null };
    const state = newState(proposal.state ?? { type: 'PENDING' });
    const change = await changeFlowRun(db, before, state, minimalFlowPolicy, client);
    const updated = now();
    if (await writeNewFlowRun(db, change, updated)) return answer(change, updated);
    return stillThere(await readFlowRunByKey(db, run.flow_id, run.idempotency_key!));
  });
}

function systemLabels(
  run: NewFlowRun,
  deployment: { id: string; flow_id: string } | null | undefined,
): Record<string, string> {
  if (!deployment) return { 'prefect.flow.id': run.flow_id };
  return { 'prefect.flow.id': deployment.flow_id, 'prefect.deployment.id': deployment.id };
}

function newRow({ state: _, ...given }: FlowRunProposal): FlowRunRow {
  const moment = now();
  return {
    flow_version: null,
    deployment_id: null,
    deployment_version: null,
    work_queue_id: null,
    work_queue_name: null,
    idempotency_key: null,
    parent_task_run_id: null,
    infrastructure_document_id: null,
    created_by: null,
    labels: null,
    ...given,
    id: randomUUID(),
    created: moment,
    updated: moment,
    name: given.name || randomSlug(),
    parameters: given.parameters ?? EMPTY,
    context: given.context ?? EMPTY,
    // Where there is an idempotency key, Prefect keeps a null for what another run has as an empty object.
    job_variables: given.job_variables ?? (given.idempotency_key ? null : EMPTY),
    tags: given.tags ?? [],
    empirical_policy: { ...completeFlowRunPolicy(given.empirical_policy) },
    state_id: null,
    state_type: null,
    state_name: null,
    state_timestamp: null,
    run_count: 0,
    expected_start_time: null,
    next_scheduled_start_time: null,
    start_time: null,
    end_time: null,
    total_run_time: 0,
    auto_scheduled: false,
    infrastructure_pid: null,
  };
}

/** The run as it was just written, without reading it again. */
function answer({ before, transition, artifact }: FlowRunChange, updated: Timestamp): FlowRun {
  const { queue, pool } = before.around;
  const { empirical_policy, ...draft } = transition.run;
  const state = transition.validated!;
  const run = {
    ...before.run,
    ...draft,
    updated,
    empirical_policy: { ...empirical_policy },
    state_id: state.id,
  };
  const stored = { ...state, data: null, state_details: { ...state.state_details } };
  const row = {
    ...stored,
    created: run.created,
    updated,
    flow_run_id: run.id,
    result_artifact_id: artifact?.id ?? null,
  };
  return toFlowRun({ run, state: row, artifact: artifact && { data: artifact.data ?? null }, queue, pool });
}
