import { setting } from '../definition.ts';
import { boolean, duration, integer, text } from '../kinds.ts';

const positive = integer({ min: 1 });
const IN_DATABASE = 'events are handed over in the database';
const NO_QUEUE = 'this server keeps nothing outside of its database';

export const events = {
  'server.events.stream_out_enabled': setting(boolean, true, 'Stream events out over a websocket.', {
    oldApiName: true,
  }),
  'server.events.related_resource_cache_ttl': setting(
    duration(),
    300,
    'How long related resources are remembered.',
    {
      oldApiName: true,
      unused: 'related resources are read anew for each event',
    },
  ),
  'server.events.maximum_labels_per_resource': setting(positive, 500, 'The most labels of a resource.', {
    aliases: ['PREFECT_EVENTS_MAXIMUM_LABELS_PER_RESOURCE'],
  }),
  'server.events.maximum_related_resources': setting(
    positive,
    100,
    'The most related resources of an event.',
    {
      aliases: ['PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES'],
    },
  ),
  'server.events.maximum_size_bytes': setting(positive, 1_500_000, 'The most bytes of an event.', {
    aliases: ['PREFECT_EVENTS_MAXIMUM_SIZE_BYTES'],
  }),
  'server.events.maximum_event_name_length': setting(
    positive,
    1024,
    "The most characters of an event's name.",
  ),
  'server.events.expired_bucket_buffer': setting(
    duration(),
    60,
    'How long an expired bucket of an automation is kept.',
    {
      aliases: ['PREFECT_EVENTS_EXPIRED_BUCKET_BUFFER'],
    },
  ),
  'server.events.proactive_granularity': setting(
    duration(),
    5,
    'How often proactive automations are looked at.',
    {
      aliases: ['PREFECT_EVENTS_PROACTIVE_GRANULARITY'],
    },
  ),
  'server.events.retention_period': setting(duration(), 604_800, 'How long events are kept.', {
    aliases: ['PREFECT_EVENTS_RETENTION_PERIOD'],
  }),
  'server.events.maximum_websocket_backfill': setting(
    duration(),
    900,
    'How far back a subscriber may ask for events.',
    {
      aliases: ['PREFECT_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL'],
    },
  ),
  'server.events.websocket_backfill_page_size': setting(positive, 250, 'How many of them are read at once.', {
    aliases: ['PREFECT_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE'],
  }),
  'server.events.messaging_broker': setting(
    text,
    'prefect.server.utilities.messaging.memory',
    'A Python module.',
    {
      aliases: ['PREFECT_MESSAGING_BROKER'],
      unused: IN_DATABASE,
    },
  ),
  'server.events.messaging_cache': setting(
    text,
    'prefect.server.utilities.messaging.memory',
    'A Python module.',
    {
      aliases: ['PREFECT_MESSAGING_CACHE'],
      unused: IN_DATABASE,
    },
  ),
  'server.events.causal_ordering': setting(
    text,
    'prefect.server.events.ordering.memory',
    'A Python module.',
    {
      unused: IN_DATABASE,
    },
  ),

  'server.docket.name': setting(text, 'prefect-server', 'The name of the queue of background work.', {
    unused: NO_QUEUE,
  }),
  'server.docket.url': setting(text, 'memory://', 'The queue of background work.', {
    secret: true,
    unused: NO_QUEUE,
  }),
};
