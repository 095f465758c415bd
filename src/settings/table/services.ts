import { setting } from '../definition.ts';
import { boolean, duration, integer, number, retentionByName, text, vacuumTypes } from '../kinds.ts';

const positive = integer({ min: 1 });
const seconds = number({ above: 0 });
const old = { oldApiName: true };
const AT_ONCE = 'events are written as they arrive, without a queue';
const ALWAYS = 'what events tell is always stored';

const enabled = (what: string, extra = {}) =>
  setting(boolean, true, `Run the service that ${what}.`, { ...old, ...extra });
const loop = (every: number, extra = old) => setting(seconds, every, 'Seconds between its rounds.', extra);

export const services = {
  'server.services.cancellation_cleanup.enabled': enabled('cancels what belongs to a cancelled run'),
  'server.services.cancellation_cleanup.loop_seconds': loop(20),
  'server.services.cancellation_cleanup.cancelling_timeout_seconds': setting(
    seconds,
    300,
    'Seconds that a run may be cancelling before its worker is asked to clean up.',
  ),

  'server.services.db_vacuum.enabled': setting(
    vacuumTypes,
    ['events'],
    'What is deleted when old: events, flow_runs, orphans.',
  ),
  'server.services.db_vacuum.loop_seconds': loop(3600, { oldApiName: false }),
  'server.services.db_vacuum.orphan_cleanup_loop_seconds': setting(
    seconds,
    86_400,
    'Seconds between looks for orphans.',
  ),
  'server.services.db_vacuum.retention_period': setting(
    duration({ above: 3600 }),
    7_776_000,
    'How long ago a flow run must have ended to be deleted.',
  ),
  'server.services.db_vacuum.batch_size': setting(positive, 200, 'Rows deleted in one transaction.'),
  'server.services.db_vacuum.event_retention_overrides': setting(
    retentionByName,
    { 'prefect.flow-run.heartbeat': 604_800 },
    'How long events of one name are kept, as JSON: {"name": seconds}.',
  ),

  'server.services.event_persister.enabled': enabled('stores events', { unused: ALWAYS }),
  'server.services.event_persister.batch_size': setting(positive, 20, 'Events stored in one statement.', {
    ...old,
    unused: AT_ONCE,
  }),
  'server.services.event_persister.read_batch_size': setting(positive, 1, 'Events read at once.', {
    ...old,
    unused: AT_ONCE,
  }),
  'server.services.event_persister.flush_interval': setting(seconds, 5, 'Seconds that an event may wait.', {
    ...old,
    unused: AT_ONCE,
  }),
  'server.services.event_persister.queue_max_size': setting(positive, 50_000, 'Events that may wait.', {
    unused: AT_ONCE,
  }),
  'server.services.event_persister.max_flush_retries': setting(positive, 5, 'Attempts to store them.', {
    unused: AT_ONCE,
  }),

  'server.services.event_logger.enabled': setting(boolean, false, 'Log every event.', old),

  'server.services.foreman.enabled': enabled('marks workers offline and queues not ready'),
  'server.services.foreman.loop_seconds': loop(15),
  'server.services.foreman.inactivity_heartbeat_multiple': setting(
    positive,
    3,
    'Heartbeats that a worker may miss before it is offline.',
    old,
  ),
  'server.services.foreman.fallback_heartbeat_interval_seconds': setting(
    positive,
    30,
    'Seconds between heartbeats of a worker that does not say.',
    old,
  ),
  'server.services.foreman.deployment_last_polled_timeout_seconds': setting(
    positive,
    60,
    'Seconds without a poll after which a deployment is not ready.',
    old,
  ),
  'server.services.foreman.work_queue_last_polled_timeout_seconds': setting(
    positive,
    60,
    'Seconds without a poll after which a work queue is not ready.',
    old,
  ),

  'server.services.late_runs.enabled': enabled('marks runs late'),
  'server.services.late_runs.loop_seconds': loop(5),
  'server.services.late_runs.after_seconds': setting(
    duration(),
    15,
    'How long after its time a run is late.',
    old,
  ),

  'server.services.scheduler.enabled': enabled('creates the runs of schedules'),
  'server.services.scheduler.loop_seconds': loop(60),
  'server.services.scheduler.deployment_batch_size': setting(
    positive,
    100,
    'Deployments looked at in one go.',
    old,
  ),
  'server.services.scheduler.max_runs': setting(positive, 100, 'The most runs ahead for a deployment.', old),
  'server.services.scheduler.min_runs': setting(
    integer({ min: 0 }),
    3,
    'The fewest runs ahead for a deployment.',
    old,
  ),
  'server.services.scheduler.max_scheduled_time': setting(
    duration(),
    8_640_000,
    'How far ahead runs are created.',
    old,
  ),
  'server.services.scheduler.min_scheduled_time': setting(
    duration(),
    3600,
    'How far ahead there must be runs.',
    old,
  ),
  'server.services.scheduler.insert_batch_size': setting(
    positive,
    500,
    'Runs created in one statement.',
    old,
  ),
  'server.services.scheduler.recent_deployments_loop_seconds': setting(
    seconds,
    5,
    'Seconds between looks for changed deployments.',
  ),

  'server.services.pause_expirations.enabled': enabled('fails runs whose pause is over'),
  'server.services.pause_expirations.loop_seconds': loop(5),

  'server.services.repossessor.enabled': setting(
    boolean,
    true,
    'Run the service that takes back expired leases.',
  ),
  'server.services.repossessor.loop_seconds': loop(15, { oldApiName: false }),

  'server.services.cleanup_reconciler.enabled': setting(
    boolean,
    true,
    'Run the service that redelivers lost clean-ups.',
  ),
  'server.services.cleanup_reconciler.loop_seconds': loop(5, { oldApiName: false }),
  'server.services.cleanup_reconciler.batch_size': setting(
    positive,
    100,
    'Clean-ups redelivered in one round.',
  ),

  'server.services.task_run_recorder.enabled': enabled('records task runs from events', { unused: ALWAYS }),
  'server.services.task_run_recorder.read_batch_size': setting(positive, 1, 'Events read at once.', {
    unused: AT_ONCE,
  }),
  'server.services.task_run_recorder.batch_size': setting(positive, 1, 'Task runs stored at once.', {
    unused: AT_ONCE,
  }),
  'server.services.task_run_recorder.flush_interval': setting(seconds, 5, 'Seconds that one may wait.', {
    unused: AT_ONCE,
  }),

  'server.services.triggers.enabled': enabled('runs automations'),
  'server.services.triggers.read_batch_size': setting(positive, 1, 'Events read at once.', {
    unused: AT_ONCE,
  }),
  'server.services.triggers.pg_notify_reconnect_interval_seconds': setting(
    positive,
    10,
    'Seconds until a lost LISTEN connection is opened again.',
  ),
  'server.services.triggers.pg_notify_heartbeat_interval_seconds': setting(
    positive,
    5,
    'Seconds between checks of the LISTEN connection.',
  ),

  'server.worker_channel.cleanup_queue_storage': setting(
    text,
    'prefect.server.worker_communication.cleanup_queue.memory',
    'The Python module that keeps clean-ups.',
    { unused: 'this server loads no Python modules' },
  ),
  'server.worker_channel.cleanup_lease_seconds': setting(
    seconds,
    30,
    'Seconds that a worker may hold a clean-up.',
  ),
  'server.worker_channel.cleanup_max_delivery_attempts': setting(
    positive,
    3,
    'How often a clean-up is delivered.',
  ),
  'server.worker_channel.cleanup_completed_idempotency_retention_seconds': setting(
    number({ min: 0 }),
    null,
    'Seconds that a finished clean-up is remembered (default: for ever).',
    { unused: 'each clean-up is asked for in the transaction that calls for it, so none comes twice' },
  ),
};
