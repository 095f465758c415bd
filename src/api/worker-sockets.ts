import { onWorkPoolChanged } from '../entities/work-pool/work-pool.ts';
import { type Frames, WorkerChannel } from '../events/worker-channel.ts';
import { parseJson } from '../json/json.ts';
import type { Kind } from './kinds/index.ts';
import { parse } from './kinds/validation.ts';
import type { Services } from './mount.ts';
import { baseJobTemplate } from './schemas/base-job-template.ts';
import { CleanupFrame, HeartbeatFrame, HelloFrame } from './schemas/worker-channel.ts';
import type { SocketGroup } from './sockets.ts';

/** /work_pools/{name}/workers/connect. */
export function workerSockets({ db, log }: Services): SocketGroup {
  const channels = new Set<WorkerChannel>();
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
          const channel = new WorkerChannel(socket, name!, { db, log, frames });
          channels.add(channel);
          socket.onClose = () => channels.delete(channel);
        },
      },
    ],
    async finish() {
      stopListening();
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
    const isBeat = (value as { type?: unknown } | null)?.type === 'worker.heartbeat.v1';
    return isBeat ? read(HeartbeatFrame, value) : read(CleanupFrame, value);
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
