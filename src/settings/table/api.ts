import { setting } from '../definition.ts';
import { basePath, boolean, duration, filledText, integer, list, number, secret, text } from '../kinds.ts';

const NO_PYTHON = 'this server loads no Python modules';

const IN_THE_DATABASE = 'they wait in the database, however many they are';

export const api = {
  'server.api.auth_string': setting(
    secret,
    null,
    'Basic authentication, as user:password; without it everybody may.',
    {
      secret: true,
    },
  ),
  'server.api.host': setting(filledText, '127.0.0.1', 'The address to listen on.'),
  'server.api.port': setting(
    integer({ min: 0, max: 65_535 }),
    4200,
    'The port to listen on; 0 takes any free one.',
  ),
  'server.api.base_path': setting(basePath, null, 'The path of the API (default /api).'),
  'server.api.default_limit': setting(integer({ min: 1 }), 200, 'The most objects that one answer lists.', {
    aliases: ['PREFECT_API_DEFAULT_LIMIT'],
  }),
  'server.api.keepalive_timeout': setting(
    integer({ min: 0 }),
    5,
    'Seconds before an idle connection is closed.',
  ),
  'server.api.csrf_protection_enabled': setting(boolean, false, 'Ask for a CSRF token with each change.', {
    aliases: ['PREFECT_SERVER_CSRF_PROTECTION_ENABLED'],
  }),
  'server.api.csrf_token_expiration': setting(duration(), 3600, 'How long a CSRF token is good for.', {
    aliases: ['PREFECT_SERVER_CSRF_TOKEN_EXPIRATION'],
  }),
  'server.api.cors_allowed_origins': setting(list, ['*'], 'Origins that a browser may call from.', {
    aliases: ['PREFECT_SERVER_CORS_ALLOWED_ORIGINS'],
  }),
  'server.api.cors_allowed_methods': setting(list, ['*'], 'Methods that a browser may call with.', {
    aliases: ['PREFECT_SERVER_CORS_ALLOWED_METHODS'],
  }),
  'server.api.cors_allowed_headers': setting(list, ['*'], 'Headers that a browser may send.', {
    aliases: ['PREFECT_SERVER_CORS_ALLOWED_HEADERS'],
  }),
  'server.api.websocket_ping_interval': setting(
    number({ min: 0 }),
    20,
    'Seconds between pings on a websocket.',
  ),
  'server.api.websocket_ping_timeout': setting(
    number({ min: 0 }),
    20,
    'Seconds to wait for the answer to a ping.',
  ),
  'server.api.max_parameter_size': setting(
    integer({ min: 0 }),
    524_288,
    'The most bytes of parameters of a run; 0: no limit.',
  ),

  'server.concurrency.lease_storage': setting(
    text,
    'prefect.server.concurrency.lease_storage.memory',
    'The Python module that keeps leases.',
    {
      unused: NO_PYTHON,
    },
  ),
  'server.concurrency.initial_deployment_lease_duration': setting(
    number({ min: 30, max: 3600 }),
    300,
    "Seconds of the first lease on a deployment's slot.",
  ),
  'server.concurrency.maximum_concurrency_slot_wait_seconds': setting(
    number({ min: 0 }),
    30,
    'The longest that a client is told to wait for a slot.',
  ),

  'server.deployments.concurrency_slot_wait_seconds': setting(
    number({ min: 0 }),
    30,
    'Seconds until a run without a slot of its deployment tries again.',
    { aliases: ['PREFECT_DEPLOYMENT_CONCURRENCY_SLOT_WAIT_SECONDS'] },
  ),
  'server.deployment_schedule_max_scheduled_runs': setting(
    integer({ min: 0 }),
    50,
    'The most runs that are scheduled ahead for one deployment.',
    { aliases: ['PREFECT_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS'] },
  ),

  'server.flow_run_graph.max_nodes': setting(
    integer({ min: 0 }),
    10_000,
    "The most nodes of a run's graph.",
    {
      aliases: ['PREFECT_API_MAX_FLOW_RUN_GRAPH_NODES'],
    },
  ),
  'server.flow_run_graph.max_artifacts': setting(
    integer({ min: 0 }),
    10_000,
    "The most artifacts of a run's graph.",
    {
      aliases: ['PREFECT_API_MAX_FLOW_RUN_GRAPH_ARTIFACTS'],
    },
  ),

  'server.logs.stream_out_enabled': setting(boolean, false, 'Stream logs out over a websocket.'),
  'server.logs.stream_publishing_enabled': setting(boolean, false, 'Hand new logs to those who stream them.'),

  'server.tasks.tag_concurrency_slot_wait_seconds': setting(
    number({ min: 0 }),
    10,
    'Seconds until a task run without a slot of its tag tries again.',
    { aliases: ['PREFECT_TASK_RUN_TAG_CONCURRENCY_SLOT_WAIT_SECONDS'] },
  ),
  'server.tasks.max_cache_key_length': setting(
    integer({ min: 0 }),
    2000,
    'The most characters of a cache key.',
    {
      aliases: ['PREFECT_API_TASK_CACHE_KEY_MAX_LENGTH'],
    },
  ),
  'server.tasks.scheduling.max_scheduled_queue_size': setting(
    integer({ min: 0 }),
    1000,
    'The most background task runs that wait for a worker.',
    { aliases: ['PREFECT_TASK_SCHEDULING_MAX_SCHEDULED_QUEUE_SIZE'], unused: IN_THE_DATABASE },
  ),
  'server.tasks.scheduling.max_retry_queue_size': setting(
    integer({ min: 0 }),
    100,
    'The most background task runs that wait for a retry.',
    { aliases: ['PREFECT_TASK_SCHEDULING_MAX_RETRY_QUEUE_SIZE'], unused: IN_THE_DATABASE },
  ),
  'server.tasks.scheduling.pending_task_timeout': setting(
    duration(),
    0,
    'How long a task run may be pending before another worker gets it; 0: for ever.',
    { aliases: ['PREFECT_TASK_SCHEDULING_PENDING_TASK_TIMEOUT'], unused: 'Prefect reads it nowhere either' },
  ),
};
