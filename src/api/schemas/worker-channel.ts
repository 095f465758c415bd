import {
  bool,
  int,
  jsonObject,
  list,
  literal,
  optional,
  parameters,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { emptyObject } from './json-fields.ts';

/** Of the frames that workers send over their channel; the members that the server doesn't look at are left out. */
const frame = { id: uuid(), sent_at: timestamp() };

const word = () => string({ min: 1 });

const CLEANUP_KINDS = ['cancelling_timeout_teardown.v1', 'pending_claim_teardown.v1'] as const;

export const HelloFrame = parameters({
  ...frame,
  type: literal('worker.hello.v1'),
  payload: parameters({
    consumer_id: uuid(),
    worker_name: word(),
    worker_type: word(),
    heartbeat_interval_seconds: int({ gt: 0 }),
    supported_channel_versions: list(word(), { min: 1 }),
    requested_capabilities: list(word(), { min: 1 }),
    work_queue_names: withDefault(list(word()), () => []),
    handled_cleanup_kinds: withDefault(list(literal(...CLEANUP_KINDS)), () => []),
    max_cleanup_concurrency: optional(int({ ge: 0 })),
    create_pool_if_not_found: withDefault(bool(), false),
    default_base_job_template: withDefault(jsonObject(), emptyObject),
  }),
});

export const HeartbeatFrame = parameters({
  ...frame,
  type: literal('worker.heartbeat.v1'),
  payload: parameters({
    consumer_id: uuid(),
    worker_name: word(),
    heartbeat_interval_seconds: int({ gt: 0 }),
  }),
});

const held = { message_id: uuid(), reservation_token: word() };

export const CleanupFrame = parameters({
  ...frame,
  type: literal('cleanup.ack.v1', 'cleanup.renew.v1'),
  payload: parameters(held),
});

export const CleanupReleaseFrame = parameters({
  ...frame,
  type: literal('cleanup.release.v1'),
  payload: parameters({ ...held, reason: word() }),
});
