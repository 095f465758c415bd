import { addSeconds, now, type Timestamp } from '../../time/timestamp.ts';
import {
  bool,
  checked,
  dict,
  enumeration,
  type Kind,
  list,
  maybe,
  named,
  nullable,
  optional,
  pair,
  string,
  timestamp,
  union,
  withDefault,
} from '../kinds/index.ts';
import { filter, texts, uuids } from './filter-fields.ts';

/** Labels with one or more expected values each; `*` and a leading `!` have a meaning. */
export const ResourceSpecification = named(
  'ResourceSpecification',
  dict(union({ str: string(), 'list[str]': list(string()) })),
);

const HISTORY_DAYS = 180;

function halfAYearAgo(): Timestamp {
  return addSeconds(`${now().slice(0, 10)}T00:00:00.000000Z`, -HISTORY_DAYS * 86_400);
}

const EventOccurredFilter = filter('EventOccurredFilter', {
  since: withDefault(timestamp(), halfAYearAgo),
  until: withDefault(timestamp(), now),
});

const EventNameFilter = filter('EventNameFilter', {
  prefix: texts,
  exclude_prefix: texts,
  name: texts,
  exclude_name: texts,
});

const EventResourceFilter = filter('EventResourceFilter', {
  id: maybe(list(string())),
  id_prefix: maybe(list(string())),
  labels: maybe(ResourceSpecification),
  distinct: withDefault(bool(), false),
});

const EventRelatedFilter = filter('EventRelatedFilter', {
  id: texts,
  role: texts,
  resources_in_roles: optional(nullable(list(pair(string(), string())))),
  labels: optional(nullable(ResourceSpecification)),
});

const EventAnyResourceFilter = filter('EventAnyResourceFilter', {
  id: texts,
  id_prefix: texts,
  labels: optional(nullable(ResourceSpecification)),
});

const EventIDFilter = filter('EventIDFilter', {
  id: uuids,
});

const EventTextFilter = filter('EventTextFilter', {
  query: string({ max: 200 }),
});

const EventOrder = enumeration('EventOrder', ['ASC', 'DESC']);

/** Each is a subquery of its own: a database plans hundreds of them for seconds. */
const MOST_RESOURCES = 100;

function several<T>(resource: Kind<T>): Kind<T[]> {
  return checked(list(resource), ({ length }) =>
    length <= MOST_RESOURCES ? undefined : `At most ${MOST_RESOURCES} resources can be filtered by at once`,
  );
}

export const EventFilter = filter('EventFilter', {
  occurred: withDefault(EventOccurredFilter, () => EventOccurredFilter.parse({})),
  event: maybe(EventNameFilter),
  resource: maybe(EventResourceFilter),
  related: maybe(union({ EventRelatedFilter, 'list[EventRelatedFilter]': several(EventRelatedFilter) })),
  any_resource: maybe(
    union({ EventAnyResourceFilter, 'list[EventAnyResourceFilter]': several(EventAnyResourceFilter) }),
  ),
  id: withDefault(EventIDFilter, () => EventIDFilter.parse({})),
  text: maybe(EventTextFilter),
  order: withDefault(EventOrder, 'DESC'),
});
