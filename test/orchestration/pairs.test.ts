import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { readFlowRun } from '../../src/entities/flow-run/flow-run.ts';
import { readTaskRun } from '../../src/entities/task-run/task-run.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { setTaskRunState } from '../../src/orchestration/set-task-run-state.ts';
import { STATE_TYPES } from '../../src/schema/types.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Pair, pairName, pairs, summary } from './pairs.ts';

const recorded: Record<string, unknown> = JSON.parse(
  readFileSync(new URL('fixtures/pairs.json', import.meta.url), 'utf8'),
);

let database: TestDatabase;
let flowId: string;
let enclosing: string;

beforeAll(async () => {
  database = await createTestDatabase();
  flowId = (await createFlow(database.db, { name: 'pairs' })).id;
  enclosing = (await createFlowRun(database.db, { flow_id: flowId, state: { type: 'RUNNING' } })).id;
});
afterAll(() => database.dispose());

async function playFlow(db: Database, { from, to, force, retries }: Pair) {
  const policy = { retries };
  const { id } = await createFlowRun(db, {
    flow_id: flowId,
    empirical_policy: policy,
    state: { type: from },
  });
  const outcome = (await setFlowRunState(db, id, { type: to }, { force }))!;
  return summary(outcome, (await readFlowRun(db, id))!);
}

async function playTask(db: Database, pair: Pair) {
  const { from, to, force, retries, deferred } = pair;
  const { id } = await createTaskRun(db, {
    flow_run_id: enclosing,
    task_key: 'pair',
    dynamic_key: pairName(pair),
    empirical_policy: { retries },
    state: { type: from, state_details: { deferred } },
  });
  const proposal = { type: to, state_details: { deferred } };
  const outcome = (await setTaskRunState(database.db, id, proposal, { force }))!;
  return summary(outcome, (await readTaskRun(db, id))!);
}

describe('every pair of state types ends as on a real Prefect server', () => {
  test.each(pairs(STATE_TYPES).map((pair) => [pairName(pair), pair] as const))('%s', async (name, pair) => {
    expect(recorded[name]).toBeDefined();
    const played = pair.kind === 'flow' ? playFlow(database.db, pair) : playTask(database.db, pair);
    expect(await played).toEqual(recorded[name]);
  });
});
