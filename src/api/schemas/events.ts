import type { output } from 'zod';
import { COUNTABLES, TIME_UNITS } from '../../entities/event/counts.ts';
import {
  annotated,
  checked,
  dict,
  enumeration,
  float,
  int,
  jsonObject,
  list,
  maybe,
  model,
  named,
  nullable,
  optional,
  parameters,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { EventFilter } from './event-filter.ts';
import { emptyObject } from './json-fields.ts';
import { limits } from './limits.ts';

export const Countable = enumeration('Countable', COUNTABLES);

export const TimeUnit = enumeration('TimeUnit', TIME_UNITS);

const labelTexts = dict(string({ strip: true }));

function resourceProblem(resource: Record<string, string>): string | undefined {
  const most = limits.labelsOfResource;
  if (Object.keys(resource).length > most) return `The maximum number of labels per resource is ${most}`;
  return labelProblem(resource, 'Resources', 'prefect.resource.id');
}

function labelProblem(resource: Record<string, string>, which: string, label: string): string | undefined {
  if (resource[label] === undefined) return `${which} must include the ${label} label`;
  return resource[label] === '' ? `The ${label} label must be non-empty` : undefined;
}

const Resource = named('Resource', checked(labelTexts, resourceProblem));

const RelatedResource = named(
  'RelatedResource',
  checked(
    labelTexts,
    (resource) =>
      resourceProblem(resource) ?? labelProblem(resource, 'Related Resources', 'prefect.resource.role'),
  ),
);
export type RelatedResource = output<typeof RelatedResource>;

function eventNameProblem(name: string): string | undefined {
  if (name.length <= limits.eventNameLength) return undefined;
  return `Event name must be at most ${limits.eventNameLength} characters`;
}

function relatedProblem(related: RelatedResource[]): string | undefined {
  if (related.length <= limits.relatedResources) return undefined;
  return `The maximum number of related resources is ${limits.relatedResources}`;
}

export const Event = model('Event', {
  occurred: timestamp(),
  event: checked(string({ strip: true }), eventNameProblem),
  resource: Resource,
  related: withDefault(checked(list(RelatedResource), relatedProblem), () => []),
  payload: withDefault(jsonObject({ strip: true }), emptyObject),
  id: uuid(),
  follows: maybe(uuid()),
});

/** A batch, which is the whole body. */
export const EventsCreateBody = list(Event);

export const ReceivedEvent = model('ReceivedEvent', {
  occurred: timestamp(),
  event: string(),
  resource: Resource,
  related: optional(list(RelatedResource)),
  payload: optional(jsonObject()),
  id: uuid(),
  follows: maybe(uuid()),
  received: optional(timestamp()),
});

export const EventPage = model('EventPage', {
  events: list(ReceivedEvent),
  total: int(),
  next_page: nullable(annotated(string({ min: 1 }), { format: 'uri' })),
});

export const EventCount = model('EventCount', {
  value: string(),
  label: string(),
  count: int(),
  start_time: timestamp(),
  end_time: timestamp(),
});

export const EventsFilterBody = parameters(
  {
    filter: optional(nullable(EventFilter)),
    limit: withDefault(int({ ge: 0, le: 50 }), 50),
  },
  'Body_read_events_events_filter_post',
);

export const EventsCountByBody = parameters(
  {
    filter: EventFilter,
    time_unit: withDefault(TimeUnit, 'day'),
    time_interval: withDefault(float({ ge: 0.01 }), 1),
  },
  'Body_count_account_events_events_count_by__countable__post',
);

export const EventsCountByPath = parameters({ countable: Countable });
export const EventsNextPageQuery = parameters({ 'page-token': string() });
