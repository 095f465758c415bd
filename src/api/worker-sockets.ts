import { onWorkPoolChanged } from '../entities/work-pool/work-pool-change.ts';
import { CleanupDispatch, cleanupPolicy } from '../events/workers/cleanup-dispatch.ts';
import { PoolWatch } from '../events/workers/pool-watch.ts';
import { WorkerChannel } from '../events/workers/worker-channel.ts';
import type { Frames } from '../events/workers/worker-frames.ts';
import { parseJson } from '../json/json.ts';
import type { Kind } from './kinds/index.ts';
import { parse } from './kinds/validation.ts';
import type { Services } from './mount.ts';
import { baseJobTemplate } from './schemas/base-job-template.ts';
import { CleanupFrame, CleanupReleaseFrame, HeartbeatFrame, HelloFrame } from './schemas/worker-channel.ts';
import type { SocketGroup } from './sockets.ts';

/** /work_pools/{name}/workers/connect. */
export function workerSockets({ db, log, settings }: Services): SocketGroup {
  const cleanups = new CleanupDispatch(db, cleanupPolicy(settings), log);
  const channels = new Set<WorkerChannel>();
  const watch = new PoolWatch(db, log, channels);
  const stopListening = onWorkPoolChanged(db, (poolId) => {
    for (const channel of channels) if (channel.poolId === poolId) channel.poolChanged();
  });
  return {
    routes: [
      {
        path: '/work_pools/{name}/workers/connect',
        requiresSubprotocol: true,
        refusalReason: 'authentication_failed',
        accept(socket, { name }) {
          const channel = new WorkerChannel(socket, name!, { db, log, frames, cleanups });
          channels.add(channel);
          socket.onClose = () => {
            channels.delete(channel);
            channel.left();
          };
        },
      },
    ],
    async finish() {
      stopListening();
      await Promise.all([cleanups.close(), watch.close()]);
      await Promise.all([...channels].map((channel) => channel.settled()));
    },
    close: async () => {},
  };
}

const template = baseJobTemplate();

const frames: Frames = {
  hello: (text) => read(HelloFrame, parseJson(text)),
  later(text) {
    const value = parseJson(text);
    const type = (value as { type?: unknown } | null)?.type;
    if (type === 'worker.heartbeat.v1') return read(HeartbeatFrame, value);
    return type === 'cleanup.release.v1' ? read(CleanupReleaseFrame, value) : read(CleanupFrame, value);
  },
  templateProblem(text) {
    const parsed = parse(template, text.parse(), 'body');
    return parsed.ok ? undefined : parsed.items[0]!.msg;
  },
};

function read<T>(schema: Kind<T>, value: unknown): T {
  const parsed = parse(schema, value, 'body');
  if (parsed.ok) return parsed.value;
  const { loc, msg } = parsed.items[0]!;
  throw new Error(`${loc.slice(1).join('.') || 'frame'}: ${msg}`);
}
