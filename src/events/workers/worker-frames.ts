import type { ReservedCleanup } from '../../entities/cleanup/message.ts';
import type { JsonText } from '../../json/json.ts';

/** What workers send over their channel. */
export interface Hello {
  payload: {
    consumer_id: string;
    worker_name: string;
    worker_type: string;
    heartbeat_interval_seconds: number;
    supported_channel_versions: string[];
    requested_capabilities: string[];
    work_queue_names: string[];
    handled_cleanup_kinds: string[];
    max_cleanup_concurrency?: number | undefined;
    create_pool_if_not_found: boolean;
    default_base_job_template: JsonText;
  };
}

export interface Beat {
  type: 'worker.heartbeat.v1';
  payload: { consumer_id: string; worker_name: string; heartbeat_interval_seconds: number };
}

export interface CleanupFrame {
  type: 'cleanup.ack.v1' | 'cleanup.release.v1' | 'cleanup.renew.v1';
  id: string;
  payload: { message_id: string; reservation_token: string };
}

/** How a worker is told what to take down. */
export function cleanupPayload({ id: message_id, kind, target, ...message }: ReservedCleanup) {
  const { reservation_token, lease_expires_at, delivery_count, work_queue_id } = message;
  const lease = { reservation_token, lease_expires_at, delivery_count };
  return { message_id, kind, ...lease, work_queue_id, target, data: {} };
}

/** Readers of frames. They throw what is no such frame. */
export interface Frames {
  hello(text: string): Hello;
  later(text: string): Beat | CleanupFrame;
  /** What is wrong with a template that a pool is made with. */
  templateProblem(template: JsonText): string | undefined;
}

/** Why the server hangs up, with the code that tells a worker whether to come back. */
export const CLOSE_CODES = {
  authorization_failed: 1008,
  unsupported_version: 1008,
  protocol_error: 1002,
  heartbeat_persistence_failed: 1011,
  transient_server_error: 1011,
};
export type CloseReason = keyof typeof CLOSE_CODES;

export class Refusal extends Error {
  readonly reason: CloseReason;

  constructor(reason: CloseReason) {
    super(reason);
    this.reason = reason;
  }
}
