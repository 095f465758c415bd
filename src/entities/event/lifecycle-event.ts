import { JsonText } from '../../json/json.ts';
import { uuid7 } from '../../time/uuid7.ts';
import { type EventInput, type Labels, RESOURCE_ID } from './event.ts';

export interface Changed {
  /** As in `prefect.<kind>.created`. */
  kind: string;
  id: string;
  name: string;
  /** What the event says of the object. */
  payload: Record<string, unknown>;
  related?: Labels[];
}

/** The event that tells of an object made, changed or deleted. */
export function lifecycleEvent(
  action: 'created' | 'updated' | 'deleted',
  { kind, id, name, payload, related }: Changed,
): EventInput {
  return {
    id: uuid7(),
    event: `prefect.${kind}.${action}`,
    resource: { [RESOURCE_ID]: `prefect.${kind}.${id}`, 'prefect.resource.name': name },
    related,
    payload: JsonText.of(payload),
  };
}
