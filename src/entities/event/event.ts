import { CommitListeners } from '../../db/commit-listeners.ts';
import type { Database } from '../../db/database.ts';
import { JsonText } from '../../json/json.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';

/** The labels of a resource; `prefect.resource.id` is always among them, of a related one `prefect.resource.role` too. */
export type Labels = Record<string, string>;

export const RESOURCE_ID = 'prefect.resource.id';
export const RESOURCE_ROLE = 'prefect.resource.role';

/** An event as a client sends it, or as the server makes one of a change of its own. */
export interface EventInput {
  /** uuid7; made here when absent. A task run's state takes the id of its event, so there it must be given. */
  id?: string;
  /** Now when absent. */
  occurred?: Timestamp;
  event: string;
  resource: Labels;
  related?: Labels[];
  /** A JSON object; empty when absent. */
  payload?: JsonText;
  follows?: string | null;
}

/** An event as it is stored and answered, in the order of Prefect's model. */
export interface ReceivedEvent {
  occurred: Timestamp;
  event: string;
  resource: Labels;
  related: Labels[];
  payload: JsonText;
  id: string;
  follows: string | null;
  received: Timestamp;
}

const EMPTY_PAYLOAD = new JsonText('{}');

export function receiveEvent(input: EventInput, received: Timestamp = now()): ReceivedEvent {
  return {
    occurred: input.occurred ?? received,
    event: input.event,
    resource: input.resource,
    related: input.related ?? [],
    payload: input.payload ?? EMPTY_PAYLOAD,
    id: input.id ?? uuid7(),
    follows: input.follows ?? null,
    received,
  };
}

const listeners = new CommitListeners<ReceivedEvent[]>();

/**
 * Calls `listener` with the new events of each transaction after its commit, in the order of commits.
 * @returns what ends it
 */
export function onEventsCommitted(db: Database, listener: (events: ReceivedEvent[]) => void): () => void {
  return listeners.add(db, listener);
}

/**
 * Writes events in the current transaction: two statements on PostgreSQL, however many there are. Those whose id is
 * known are left out, so that a client may send the same ones again.
 * @returns the new ones
 */
export async function insertEvents(
  db: Database,
  inputs: (EventInput | ReceivedEvent)[],
): Promise<ReceivedEvent[]> {
  if (inputs.length === 0) return [];
  const moment = now();
  const events = uniqueById(
    inputs.map((input) => ('received' in input ? input : receiveEvent(input, moment))),
  );
  // In one order everywhere, so that two servers that get the same events wait for each other instead of locking up.
  const rows = events.map((event) => eventRow(event, moment)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const options = { onConflictDoNothing: true, returning: [db.tables.events.id] };
  const inserted = new Set((await db.insertMany(db.tables.events, rows, options)).map((row) => row['id']));
  const fresh = events.filter((event) => inserted.has(event.id));
  if (fresh.length === 0) return fresh;
  await db.insertMany(db.tables.event_resources, fresh.flatMap(resourceRows));
  listeners.tell(db, fresh);
  return fresh;
}

function uniqueById(events: ReceivedEvent[]): ReceivedEvent[] {
  const seen = new Set<string>();
  return events.filter((event) => !seen.has(event.id) && seen.add(event.id));
}

function eventRow(event: ReceivedEvent, recorded: Timestamp) {
  return {
    ...event,
    resource_id: event.resource[RESOURCE_ID]!,
    related_resource_ids: event.related.map((related) => related[RESOURCE_ID]!),
    recorded,
  };
}

/** One row for the event's own resource, whose role is empty, and one for each related; id and role have columns of their own. */
function resourceRows(event: ReceivedEvent) {
  return [event.resource, ...event.related].map((resource, i) => {
    const { [RESOURCE_ID]: id, [RESOURCE_ROLE]: role, ...labels } = resource;
    return {
      occurred: event.occurred,
      resource_id: id!,
      resource_role: i === 0 ? '' : role!,
      resource: labels,
      event_id: event.id,
    };
  });
}
