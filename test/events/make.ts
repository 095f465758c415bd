import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/db/database.ts';
import {
  type EventInput,
  type Labels,
  type ReceivedEvent,
  receiveEvent,
} from '../../src/entities/event/event.ts';
import { JsonText } from '../../src/json/json.ts';
import { addSeconds, now, type Timestamp } from '../../src/time/timestamp.ts';
import { uuid7 } from '../../src/time/uuid7.ts';

export function makeEvent(input: Partial<EventInput> = {}): ReceivedEvent {
  return receiveEvent({ event: 'test.happened', resource: { 'prefect.resource.id': 'thing.1' }, ...input });
}

/** A flow and a run of it, for task runs to belong to. */
export async function makeFlowRun(db: Database): Promise<string> {
  const { flow, flow_run } = db.tables;
  const [flowRow] = await db.orm
    .insert(flow)
    .values({ name: `flow ${randomUUID()}` })
    .returning({ id: flow.id });
  const [run] = await db.orm
    .insert(flow_run)
    .values({ flow_id: flowRow!.id, name: 'run' })
    .returning({ id: flow_run.id });
  return run!.id;
}

export interface TaskRunStory {
  id: string;
  flowRunId: string | null;
  dynamicKey?: string;
  began?: Timestamp;
}

const STATES = ['PENDING', 'RUNNING', 'RUNNING', 'COMPLETED'] as const;

/** The events that Prefect's client sends for one task run, in order: what is known of the run grows from state to state. */
export function taskRunEvents({
  id,
  flowRunId,
  dynamicKey = id,
  began = now(),
}: TaskRunStory): ReceivedEvent[] {
  let follows: string | null = null;
  return STATES.map((type, i) => {
    const moment = addSeconds(began, i * 0.25);
    const task_run = {
      name: 'add-1',
      task_key: 'add-abc',
      dynamic_key: dynamicKey,
      empirical_policy: { max_retries: 0, retry_delay_seconds: 0, retries: 2, retry_delay: [1, 2] },
      tags: ['a', 'ß'],
      labels: { n: 1 },
      task_inputs: { x: [{ input_type: 'task_run', id: '01a1fdc0-be20-7e21-87b2-1d45fbfd49be' }], y: [] },
      run_count: i,
      flow_run_run_count: 1,
      expected_start_time: began,
      ...(i >= 1 && { start_time: addSeconds(began, 0.25) }),
      ...(i >= 3 && { end_time: moment }),
      total_run_time: i * 0.1,
    };
    const data = type === 'COMPLETED' ? { type: 'reference', expiration: null } : null;
    const name = type === 'RUNNING' && i === 2 ? 'Retrying' : type[0] + type.slice(1).toLowerCase();
    const validated_state = { type, name, message: `now ${name}`, state_details: { retriable: true }, data };
    const event: ReceivedEvent = receiveEvent({
      id: uuid7(),
      occurred: moment,
      event: `prefect.task-run.${name}`,
      resource: {
        'prefect.resource.id': `prefect.task-run.${id}`,
        'prefect.state-type': type,
        'prefect.orchestration': 'client',
      },
      related: flowRunId === null ? [] : [flowRunResource(flowRunId)],
      payload: JsonText.of({
        intended: { from: null, to: type },
        initial_state: null,
        validated_state,
        task_run,
      }),
      follows,
    });
    follows = event.id;
    return event;
  });
}

function flowRunResource(id: string): Labels {
  return { 'prefect.resource.id': `prefect.flow-run.${id}`, 'prefect.resource.role': 'flow-run' };
}
