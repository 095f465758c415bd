import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { readFlowRun } from '../../src/entities/flow-run/flow-run.ts';
import { createFlowRunInput, readFlowRunInput } from '../../src/entities/flow-run/input.ts';
import { JsonText } from '../../src/json/json.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { resumeFlowRun } from '../../src/orchestration/resume-flow-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: Database;
let flowId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  flowId = (await createFlow(db, { name: 'flow' })).id;
});
afterAll(() => database.dispose());

const KEYSET = { schema: 'in-schema', response: 'in-response' };
const SCHEMA = JSON.stringify({
  type: 'object',
  properties: { x: { type: 'integer' }, note: { type: 'string', default: '' } },
  required: ['x'],
});

async function paused(details: object = {}, schema?: string, run: object = {}): Promise<string> {
  const { id } = await createFlowRun(db, { flow_id: flowId, state: { type: 'RUNNING' }, ...run });
  await setFlowRunState(db, id, { type: 'PAUSED', state_details: details }, { force: true });
  if (schema)
    await createFlowRunInput(db, { flow_run_id: id, key: KEYSET.schema, value: schema, sender: null });
  return id;
}

const asking = (schema?: string) => paused({ run_input_keyset: KEYSET }, schema);
const resume = async (id: string, input?: string) =>
  (await resumeFlowRun(db, id, input === undefined ? null : new JsonText(input)))!;

const rejected = (reason: string) => ({
  written: false,
  result: { status: 'REJECT', state: { type: 'PAUSED' }, details: { type: 'abort_details', reason } },
});

test('a paused run runs on, as the same attempt', async () => {
  const { id } = await createFlowRun(db, { flow_id: flowId });
  await setFlowRunState(db, id, { type: 'RUNNING' });
  await setFlowRunState(db, id, { type: 'PAUSED' });
  expect(await resume(id)).toMatchObject({
    written: true,
    result: { status: 'ACCEPT', state: { type: 'RUNNING' } },
  });
  expect(await readFlowRun(db, id)).toMatchObject({ empirical_policy: { resuming: true }, run_count: 2 });
});

test('a suspended run is scheduled anew', async () => {
  const deployment = crypto.randomUUID();
  await db.orm.insert(db.tables.deployment).values({ id: deployment, name: 'd', flow_id: flowId });
  const id = await paused({ pause_reschedule: true }, undefined, { deployment_id: deployment });
  expect((await resume(id)).result.state).toMatchObject({ type: 'SCHEDULED', name: 'Resuming' });
});

test('one that is not paused says so', async () => {
  const { id } = await createFlowRun(db, { flow_id: flowId });
  expect(await resume(id)).toEqual({
    written: false,
    result: {
      state: null,
      status: 'ABORT',
      details: { type: 'abort_details', reason: 'Cannot resume a flow run that is not paused.' },
    },
  });
  expect(await resumeFlowRun(db, crypto.randomUUID(), null)).toBe(undefined);
});

test('after its time it fails', async () => {
  const id = await paused({ pause_timeout: addSeconds(now(), -1) });
  expect((await resume(id)).result).toMatchObject({ status: 'REJECT', state: { type: 'FAILED' } });
});

describe('input that the run asked for', () => {
  test('is checked and kept, its numbers as they were sent', async () => {
    const id = await asking(SCHEMA);
    const { result } = await resume(id, '{"x": 12345678901234567890, "more": 1.0}');
    expect(result.status).toBe('ACCEPT');
    const { value } = (await readFlowRunInput(db, id, KEYSET.response))!;
    expect(value.replaceAll(' ', '')).toBe('{"x":12345678901234567890,"more":1.0}');
  });

  test.each([
    ['{"x": "y"}', "Reason: Validation failed for field 'x'. Failure reason: 'y' is not of type 'integer'"],
    ['{}', "Reason: Validation failed. Failure reason: 'x' is a required property"],
    [undefined, "Reason: Validation failed. Failure reason: 'x' is a required property"],
    [
      '{"x": {"__prefect_kind": "json", "value": "[1"}}',
      "Error hydrating run input: Invalid JSON: Expecting ',' delimiter: line 1 column 3 (char 2)",
    ],
    [
      '{"x": {"__prefect_kind": "workspace_variable", "variable_name": "nobody"}}',
      "Error hydrating run input: Variable 'nobody' not found in workspace.",
    ],
  ])('%s is refused, and the run stays paused', async (input, reason) => {
    const id = await asking(SCHEMA);
    expect(await resume(id, input)).toMatchObject(rejected(reason));
    expect((await readFlowRun(db, id))!.state_type).toBe('PAUSED');
    expect(await readFlowRunInput(db, id, KEYSET.response)).toBe(undefined);
  });

  test('may be a variable, or JSON that someone typed', async () => {
    await db.orm.insert(db.tables.variable).values({ name: 'seven', value: new JsonText('7'), tags: [] });
    const id = await asking(SCHEMA);
    const x = '{"__prefect_kind":"workspace_variable","variable_name":"seven"}';
    const note = '{"__prefect_kind":"json","value":"\\"typed\\""}';
    const gone = '{"__prefect_kind":"json"}';
    expect((await resume(id, `{"x":${x},"note":${note},"gone":${gone}}`)).result.status).toBe('ACCEPT');
    const { value } = (await readFlowRunInput(db, id, KEYSET.response))!;
    expect(JSON.parse(value)).toEqual({ x: 7, note: 'typed' });
  });

  test.each([
    [undefined, 'Run input schema not found.'],
    ['{', 'Run input schema is not valid JSON.'],
    [
      '{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/a"}}}',
      'Invalid schema: Unable to validate schema with circular references.',
    ],
  ])('the schema %s is said to be wrong', async (schema, reason) => {
    expect(await resume(await asking(schema), '{}')).toMatchObject(rejected(reason));
  });

  test('what nobody asked for is left alone', async () => {
    const id = await paused();
    expect((await resume(id, '{"x":1}')).result.status).toBe('ACCEPT');
    expect(await readFlowRunInput(db, id, KEYSET.response)).toBe(undefined);
  });
});
