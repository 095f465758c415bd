import type { EventInput, Labels } from '../entities/event/event.ts';
import type { FlowRunRow } from '../entities/flow-run/flow-run.ts';
import type { FlowRunSurroundings } from '../entities/flow-run/lock.ts';
import type { State } from '../entities/run/state.ts';
import { JsonText } from '../json/json.ts';
import { secondsBetween } from '../time/timestamp.ts';

/** Some people put whole results into messages. */
const LONGEST_MESSAGE = 100_000;

/** What orders events by `follows`: beyond this their moments do. */
const TIGHT_SECONDS = 300;

type EventRun = Pick<FlowRunRow, 'id' | 'name' | 'run_count' | 'tags' | 'created_by'>;

/** The event of a flow run's new state. It has the state's id, so that the next one can say which it follows. */
export function flowRunStateEvent(
  run: EventRun,
  around: FlowRunSurroundings,
  initial: State | null,
  validated: State,
): EventInput {
  return {
    id: validated.id,
    occurred: validated.timestamp,
    event: `prefect.flow-run.${validated.name}`,
    resource: {
      'prefect.resource.id': `prefect.flow-run.${run.id}`,
      'prefect.resource.name': run.name,
      'prefect.run-count': String(run.run_count),
      'prefect.state-message': shortened(validated.message),
      'prefect.state-name': validated.name,
      'prefect.state-timestamp': validated.timestamp.replace('Z', '+00:00'),
      'prefect.state-type': validated.type,
    },
    related: relatedResources(run, around),
    payload: JsonText.of({
      intended: { from: initial?.type ?? null, to: validated.type },
      initial_state: stateSummary(initial),
      validated_state: stateSummary(validated),
    }),
    follows: initial && isTight(initial, validated) ? initial.id : null,
  };
}

function isTight(initial: State, validated: State): boolean {
  return Math.abs(secondsBetween(initial.timestamp, validated.timestamp)) < TIGHT_SECONDS;
}

function relatedResources(run: EventRun, around: FlowRunSurroundings): Labels[] {
  const { flow, deployment, queue, pool, parent } = around;
  const tags = new Set([run, flow, deployment, parent].flatMap((tagged) => tagged?.tags ?? []));
  return [
    ...resource('flow', flow),
    ...resource('deployment', deployment),
    ...resource('work-queue', queue),
    ...resource('work-pool', pool, pool ? { 'prefect.work-pool.type': pool.type } : {}),
    ...resource('task-run', parent),
    ...[...tags].sort().map((tag) => ({
      'prefect.resource.id': `prefect.tag.${tag}`,
      'prefect.resource.role': 'tag',
    })),
    ...creator(run.created_by),
  ];
}

function resource(kind: string, row: { id: string; name: string } | null, more: Labels = {}): Labels[] {
  if (!row) return [];
  return [
    {
      'prefect.resource.id': `prefect.${kind}.${row.id}`,
      'prefect.resource.role': kind,
      'prefect.resource.name': row.name,
      ...more,
    },
  ];
}

const CREATORS: Record<string, string> = { DEPLOYMENT: 'deployment', AUTOMATION: 'automation' };

function creator(createdBy: EventRun['created_by']): Labels[] {
  const kind = CREATORS[String(createdBy?.['type'])];
  if (!createdBy || !kind) return [];
  const name = createdBy['display_value'];
  return [
    {
      'prefect.resource.id': `prefect.${kind}.${createdBy['id']}`,
      'prefect.resource.role': 'creator',
      ...(name ? { 'prefect.resource.name': String(name) } : {}),
    },
  ];
}

function stateSummary(state: State | null): Record<string, string> | null {
  if (!state) return null;
  return {
    type: state.type,
    ...(state.name && { name: state.name }),
    ...(state.message && { message: shortened(state.message) }),
    ...(state.type === 'PAUSED' && { pause_reschedule: String(state.state_details.pause_reschedule) }),
  };
}

/** The beginning and the end of a text that is too long, and how much is left out between them. */
function shortened(text: string | null): string {
  if (!text) return '';
  const characters = text.length <= LONGEST_MESSAGE ? [] : [...text];
  if (characters.length <= LONGEST_MESSAGE) return text;
  const half = LONGEST_MESSAGE / 2;
  const omitted = characters.length - 2 * half;
  const cut = `${characters.slice(0, half).join('')}...${omitted} additional characters...${characters.slice(-half).join('')}`;
  return [...cut].length < characters.length ? cut : text;
}
