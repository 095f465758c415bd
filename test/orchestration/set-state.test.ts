import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFlow } from '../../src/entities/flow.ts';
import { readFlowRun } from '../../src/entities/flow-run.ts';
import { JsonText } from '../../src/json/json.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
});
afterAll(() => test_.dispose());

test('a flow run goes through its states', async () => {
  const { db } = test_;
  const flow = await createFlow(db, { name: 'walk', labels: { a: 1 } });
  const run = await createFlowRun(db, { flow_id: flow.id });

  expect(await readFlowRun(db, run.id)).toMatchObject({ ...run, estimated_start_time_delta: expect.anything() });
  const running = await setFlowRunState(db, run.id, { type: 'RUNNING' });

  const done = await setFlowRunState(db, run.id, { type: 'COMPLETED', data: new JsonText('{"x": 1.0}') });


});
