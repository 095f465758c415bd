import { afterEach, describe, expect, test, vi } from 'vitest';
import { parse } from '../../src/api/kinds/validation.ts';
import { ArtifactCreate } from '../../src/api/schemas/artifacts.ts';
import { EventFilter } from '../../src/api/schemas/event-filter.ts';
import { Event } from '../../src/api/schemas/events.ts';
import { FlowRunCreate, FlowRunPolicy, FlowRunUpdate } from '../../src/api/schemas/flow-runs.ts';
import { limits } from '../../src/api/schemas/limits.ts';
import { LogsCreateBody } from '../../src/api/schemas/logs.ts';
import { StateCreate } from '../../src/api/schemas/states.ts';
import { TaskRunCreate, TaskRunPolicy } from '../../src/api/schemas/task-runs.ts';
import { parseJson, stringifyJson } from '../../src/json/json.ts';

const ID = '5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d';
const NOW = '2026-11-21T02:24:57.929Z';

afterEach(() => {
  vi.useRealTimers();
  limits.parameterBytes = 524_288;
});

function refusals(schema: Parameters<typeof parse>[0], text: string): string[] {
  const result = parse(schema, parseJson(text), 'body');
  return result.ok ? [] : result.items.map(({ type, loc, msg }) => `${type}@${loc.join('.')} ${msg}`);
}

describe('a state', () => {
  test('has the name of its type when it has none', () => {
    expect(StateCreate.parse({ type: 'COMPLETED' }).name).toBe('Completed');
    expect(StateCreate.parse({ type: 'FAILED', name: 'Boom' }).name).toBe('Boom');
  });

  test('that is scheduled is scheduled for now when it does not say', () => {
    expect(StateCreate.parse({ type: 'SCHEDULED' }).state_details.scheduled_time).toMatch(
      /^\d{4}-.*\.\d{6}Z$/,
    );
    expect(StateCreate.parse({ type: 'PENDING' }).state_details.scheduled_time).toBeNull();
    const details = { scheduled_time: '2024-01-01T00:00:00+01:00' };
    const { state_details } = StateCreate.parse({ type: 'SCHEDULED', state_details: details });
    expect(state_details.scheduled_time).toBe('2023-12-31T23:00:00.000000Z');
  });

  test('keeps its data as it was sent, and tells null from nothing only by being null', () => {
    expect(StateCreate.parse(parseJson('{"type":"COMPLETED","data":{"a": 1.0}}')).data?.text).toBe(
      '{"a": 1.0}',
    );
    expect(StateCreate.parse({ type: 'COMPLETED', data: null }).data).toBeNull();
  });
});

describe('a flow run', () => {
  test('is filled with what was not sent', () => {
    const run = FlowRunCreate.parse({ flow_id: ID });
    expect(run).toMatchObject({ name: null, state: null, tags: [], labels: {}, job_variables: null });
    expect(run.parameters.text).toBe('{}');
    expect(run.empirical_policy).toEqual({
      max_retries: 0,
      retry_delay_seconds: 0,
      retries: null,
      retry_delay: null,
      pause_keys: [],
      resuming: false,
      retry_type: null,
    });
  });

  test.each(['null', '""', '0', '[]', 'false'])('without a real name (%s) gets one', (name) => {
    expect(FlowRunCreate.parse(parseJson(`{"flow_id":"${ID}","name":${name}}`)).name).toBeNull();
  });

  test('an update has only what was sent', () => {
    expect(FlowRunUpdate.parse({ tags: ['a'], job_variables: null })).toEqual({
      tags: ['a'],
      job_variables: null,
    });
  });

  test('old names of retries count where the new ones are empty', () => {
    expect(FlowRunPolicy.parse({ max_retries: 3, retry_delay_seconds: 5 })).toMatchObject({
      retries: 3,
      retry_delay: 5,
    });
    expect(FlowRunPolicy.parse({ max_retries: 3, retries: 2 }).retries).toBe(2);
    expect(FlowRunPolicy.parse({ max_retries: 0, retries: null }).retries).toBeNull();
  });

  test('parameters are limited by their size as Python writes them', () => {
    const sent = { flow_id: ID, parameters: { x: 'é'.repeat(100_000) } };
    const [refusal] = refusals(FlowRunCreate, JSON.stringify(sent));
    expect(refusal).toBe(
      'value_error@body.parameters Value error, Flow run parameters must be less than 524,288 bytes when serialized (got 600,008 bytes).',
    );
    limits.parameterBytes = 600_008;
    expect(refusals(FlowRunCreate, JSON.stringify(sent))).toEqual([]);
  });
});

test('an input of a task run says of which type it is, also where the client left that out', () => {
  const task_inputs = { a: [{ id: ID }, { name: 'p' }, { type: 'str' }, { input_type: 'flow_run', id: ID }] };
  const run = TaskRunCreate.parse({ task_key: 'k', dynamic_key: '0', task_inputs });
  expect(run.task_inputs['a']!.map(({ input_type }) => input_type)).toEqual([
    'task_run',
    'parameter',
    'constant',
    'flow_run',
  ]);
});

test('a task run names what is wrong with its inputs branch by branch', () => {
  const sent = '{"task_key":"k","dynamic_key":"0","task_inputs":{"a":[{"input_type":"parameter"}]}}';
  expect(refusals(TaskRunCreate, sent).map((line) => line.split(' ')[0])).toEqual([
    'literal_error@body.task_inputs.a.0.TaskRunResult.input_type',
    'missing@body.task_inputs.a.0.TaskRunResult.id',
    'literal_error@body.task_inputs.a.0.FlowRunResult.input_type',
    'missing@body.task_inputs.a.0.FlowRunResult.id',
    'missing@body.task_inputs.a.0.Parameter.name',
    'literal_error@body.task_inputs.a.0.Constant.input_type',
    'missing@body.task_inputs.a.0.Constant.type',
  ]);
  const { retry_delay } = TaskRunPolicy.parse({ retry_delay: [1, 2.5] });
  expect(stringifyJson(retry_delay)).toBe('[1.0,2.5]');
});

test('an artifact: key of a few characters, long metadata is cut', () => {
  expect(refusals(ArtifactCreate, '{"key":"A b"}')[0]).toContain('value_error@body.key');
  const { metadata_ } = ArtifactCreate.parse({
    key: 'a-1',
    metadata_: { long: 'x'.repeat(501), short: 'y' },
  });
  expect(metadata_).toEqual({ long: `${'x'.repeat(500)}...`, short: 'y' });
});

test('a log loses its NULs and has a level that fits its column', () => {
  const log = (level: number) => `[{"name":"n","level":${level},"message":"a\\u0000b","timestamp":0}]`;
  expect(LogsCreateBody.parse(parseJson(log(20)))[0]).toMatchObject({ message: 'ab', flow_run_id: null });
  expect(refusals(LogsCreateBody, log(40_000))[0]).toContain('less_than_equal@body.0.level');
});

describe('events', () => {
  test('a resource must say which one it is, a related one also in which role', () => {
    const sent = `{"occurred":0,"event":"e","id":"${ID}","resource":{},"related":[{"prefect.resource.id":"r"}]}`;
    expect(refusals(Event, sent)).toEqual([
      'value_error@body.resource Value error, Resources must include the prefect.resource.id label',
      'value_error@body.related.0 Value error, Related Resources must include the prefect.resource.role label',
    ]);
  });

  test('a filter looks 180 whole days back, unless it says otherwise', () => {
    vi.useFakeTimers({ now: new Date(NOW), toFake: ['Date', 'performance'] });
    const { occurred, order, id } = EventFilter.parse({});
    expect(occurred.since).toBe('2026-05-25T00:00:00.000000Z');
    expect(occurred.until.slice(0, 10)).toBe('2026-11-21');
    expect({ order, id }).toEqual({ order: 'DESC', id: {} });
  });
});
