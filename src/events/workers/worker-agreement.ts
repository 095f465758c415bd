import { type Hello, Refusal } from './worker-frames.ts';

export const CHANNEL_VERSION = 'work_pool_worker_channel.v1';
const REQUIRED = ['worker_heartbeat.v1', 'work_pool_snapshot.v1'];
const CLEANUP = 'cleanup_delivery.v1';

/** What a worker and the server do with each other. */
export interface Agreement {
  accepted: string[];
  rejected: string[];
  /** How many clean-ups it takes at a time; 0 when it takes none. */
  mostCleanups: number;
}

/** @throws Refusal for what the protocol doesn't know */
export function agree(hello: Hello['payload']): Agreement {
  const { requested_capabilities: requested, handled_cleanup_kinds: kinds } = hello;
  if (REQUIRED.some((one) => !requested.includes(one))) throw new Refusal('protocol_error');
  const wantsCleanups = requested.includes(CLEANUP);
  const most = hello.max_cleanup_concurrency ?? (wantsCleanups && kinds.length > 0 ? 1 : 0);
  if (!wantsCleanups && (kinds.length > 0 || most > 0)) throw new Refusal('protocol_error');
  if (!hello.supported_channel_versions.includes(CHANNEL_VERSION)) throw new Refusal('unsupported_version');
  const takesCleanups = wantsCleanups && kinds.length > 0 && most > 0;
  const accepted = takesCleanups ? [...REQUIRED, CLEANUP] : REQUIRED;
  return {
    accepted,
    rejected: [...new Set(requested)].filter((one) => !accepted.includes(one)),
    mostCleanups: takesCleanups ? most : 0,
  };
}
