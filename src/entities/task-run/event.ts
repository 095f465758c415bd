import { JsonNumber, JsonText } from '../../json/json.ts';
import { parseTimestamp, type Timestamp } from '../../time/timestamp.ts';
import { type Labels, RESOURCE_ID, RESOURCE_ROLE, type ReceivedEvent } from '../event/event.ts';
import { taskRunPolicyAnswer } from '../run/policy.ts';
import { completeDetails, STATE_TYPES, type State, type StateDetails, type StateType } from '../run/state.ts';
import type { TaskRunRow } from './task-run.ts';

/** A task run and its new state, as one event of a client tells of them. */
export interface TaskRunRecord {
  eventId: string;
  id: string;
  state: State;
  /** What the event says of the run; what it doesn't say stays as it is stored. */
  columns: Partial<TaskRunRow> & Pick<TaskRunRow, 'flow_run_id' | 'task_key' | 'dynamic_key'>;
}

/** An event that calls itself the state of a task run and isn't: no later attempt would do better. */
export class InvalidTaskRunEvent extends Error {}

/** Whether the client has decided about this state itself, so that the event is all the server hears of it. */
export function isClientTaskRun({ event, resource }: ReceivedEvent): boolean {
  return event.startsWith('prefect.task-run') && resource['prefect.orchestration'] === 'client';
}

/** @throws InvalidTaskRunEvent */
export function taskRunOfEvent(event: ReceivedEvent): TaskRunRecord {
  const payload = objectAt(event.payload.parse(), 'payload');
  const id = objectId(event.resource, 'prefect.task-run.');
  const flowRun = event.related.find((related) => related[RESOURCE_ROLE] === 'flow-run');
  const flow_run_id = flowRun ? objectId(flowRun, 'prefect.flow-run.') : null;
  const state = readState(event, objectAt(payload['validated_state'], 'validated_state'), id, flow_run_id);
  const given = objectAt(payload['task_run'], 'task_run');
  return { eventId: event.id, id, state, columns: readColumns(given, flow_run_id, state) };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function objectId(resource: Labels, prefix: string): string {
  const resourceId = resource[RESOURCE_ID]!;
  const id = resourceId.slice(prefix.length).toLowerCase();
  if (!resourceId.startsWith(prefix) || !UUID.test(id)) {
    throw new InvalidTaskRunEvent(`The resource ${resourceId} should be ${prefix} and a uuid.`);
  }
  return id;
}

type Json = Record<string, unknown>;

function objectAt(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object');
  return value as Json;
}

function wrong(name: string, kind: string): InvalidTaskRunEvent {
  return new InvalidTaskRunEvent(`${name} should be ${kind}.`);
}

function readState(
  event: ReceivedEvent,
  given: Json,
  task_run_id: string,
  flow_run_id: string | null,
): State {
  const type = given['type'] as StateType;
  if (!STATE_TYPES.includes(type)) throw wrong('validated_state.type', `one of ${STATE_TYPES.join(', ')}`);
  const timestamp = maybe(given, 'timestamp', readMoment) ?? event.occurred;
  const state_details = readDetails(objectAt(given['state_details'] ?? {}, 'state_details'));
  if (type === 'SCHEDULED') state_details.scheduled_time ??= timestamp;
  const data = given['data'] ?? null;
  return {
    id: event.id,
    type,
    name: maybe(given, 'name', readText) ?? type[0] + type.slice(1).toLowerCase(),
    timestamp,
    message: maybe(given, 'message', readText),
    data: data === null ? null : JsonText.of(data),
    state_details: { ...state_details, task_run_id, flow_run_id },
  };
}

const DETAILS = Object.keys(completeDetails({})) as (keyof StateDetails)[];
const MOMENTS = ['scheduled_time', 'cache_expiration', 'pause_timeout'] as const;

function readDetails(given: Json): StateDetails {
  const known = DETAILS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]);
  const details = completeDetails(Object.fromEntries(known));
  for (const name of MOMENTS) details[name] = maybe(given, name, readMoment);
  return details;
}

type Reader = (value: unknown, name: string) => unknown;

/** How each member of the payload's task run is read; all others are the server's own. */
const READERS = {
  name: readText,
  task_key: readText,
  dynamic_key: readText,
  cache_key: orNull(readText),
  cache_expiration: orNull(readMoment),
  task_version: orNull(readText),
  empirical_policy: (value, name) => taskRunPolicyAnswer(objectAt(value, name)),
  task_inputs: objectAt,
  tags: readTexts,
  labels: orNull(objectAt),
  run_count: readInteger,
  flow_run_run_count: readInteger,
  expected_start_time: orNull(readMoment),
  next_scheduled_start_time: orNull(readMoment),
  start_time: orNull(readMoment),
  end_time: orNull(readMoment),
  total_run_time: readSeconds,
} satisfies Partial<Record<keyof TaskRunRow, Reader>>;

function readColumns(given: Json, flow_run_id: string | null, state: State): TaskRunRecord['columns'] {
  const columns: Json = {
    flow_run_id,
    state_id: state.id,
    state_type: state.type,
    state_name: state.name,
    state_timestamp: state.timestamp,
  };
  for (const [name, read] of Object.entries(READERS)) {
    if (given[name] !== undefined) columns[name] = (read as Reader)(given[name], `task_run.${name}`);
  }
  if (columns['name'] === '') delete columns['name'];
  for (const name of ['task_key', 'dynamic_key']) {
    if (columns[name] === undefined) throw wrong(`task_run.${name}`, 'given');
  }
  return columns as TaskRunRecord['columns'];
}

function orNull<T>(read: (value: unknown, name: string) => T) {
  return (value: unknown, name: string): T | null => (value === null ? null : read(value, name));
}

function maybe<T>(given: Json, name: string, read: (value: unknown, name: string) => T): T | null {
  return orNull(read)(given[name] ?? null, name);
}

function readText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrong(name, 'a text');
  return value;
}

function readTexts(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw wrong(name, 'a list of texts');
  return value.map((element) => readText(element, name));
}

function readMoment(value: unknown, name: string): Timestamp {
  const moment = typeof value === 'string' ? parseTimestamp(value) : null;
  if (moment === null) throw wrong(name, 'a moment in RFC 3339');
  return moment;
}

function readInteger(value: unknown, name: string): number {
  const number = isNumeric(value) ? Number(value) : Number.NaN;
  if (!Number.isInteger(number) || Math.abs(number) > 2_147_483_647) throw wrong(name, 'a 32-bit integer');
  return number;
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || value instanceof JsonNumber;
}

/** A number of seconds; pydantic writes some durations in ISO 8601, of which clients send hours and smaller parts. */
function readSeconds(value: unknown, name: string): number {
  const iso = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(String(value));
  if (iso) {
    const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = iso;
    const total = Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return sign ? -total : total;
  }
  const seconds = isNumeric(value) ? Number(value) : Number.NaN;
  if (!Number.isFinite(seconds)) throw wrong(name, 'a number of seconds');
  return seconds;
}
