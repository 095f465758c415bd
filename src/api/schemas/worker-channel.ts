import {
  bool,
  int,
  jsonObject,
  list,
  literal,
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

export const CleanupFrame = parameters({
  ...frame,
  type: literal('cleanup.ack.v1', 'cleanup.release.v1', 'cleanup.renew.v1'),
  payload: parameters({ message_id: uuid(), reservation_token: word() }),
});
