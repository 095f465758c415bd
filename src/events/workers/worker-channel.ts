import type { Logger } from 'pino';
import type { Database } from '../../db/database.ts';
import { withoutParameters } from '../../db/errors.ts';
import type { ReservedCleanup } from '../../entities/cleanup/message.ts';
import type { CleanupOperation, CleanupResult } from '../../entities/cleanup/operation.ts';
import { recordHeartbeat } from '../../entities/work-pool/worker.ts';
import { HttpError } from '../../errors.ts';
import { stringifyJson } from '../../json/json.ts';
import { now } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import type { Socket } from '../socket.ts';
import type { CleanupDispatch, CleanupTaker } from './cleanup-dispatch.ts';
import { PoolView } from './pool-view.ts';
import { type Agreement, agree, CHANNEL_VERSION } from './worker-agreement.ts';
import {
  type Beat,
  CLOSE_CODES,
  type CleanupFrame,
  type CloseReason,
  cleanupPayload,
  type Frames,
  type Hello,
  Refusal,
} from './worker-frames.ts';
import { ensurePool, resolveQueues } from './worker-pool.ts';

/** Several changes at once are told in one frame. */
const COALESCE_MS = 50;

/** A worker that sends faster than its frames are seen to would fill our memory: the rest waits with it. */
const MOST_WAITING_FRAMES = 20;

interface Surroundings {
  db: Database;
  log: Logger;
  frames: Frames;
  cleanups: CleanupDispatch;
}

/**
 * The channel of one worker: it says who it is and how it lives, and is told how its pool is and what it is to take down.
 * Work it still asks for by request.
 */
export class WorkerChannel {
  private readonly db: Database;
  private readonly log: Logger;
  private readonly frames: Frames;
  private readonly cleanups: CleanupDispatch;
  private readonly socket: Socket;
  private readonly poolName: string;
  private hello: Hello['payload'] | undefined;
  private pool: PoolView | undefined;
  private taker: CleanupTaker | undefined;
  private pending: NodeJS.Timeout | undefined;
  private busy: Promise<void> = Promise.resolve();
  private waitingFrames = 0;
  private settling = false;

  constructor(socket: Socket, poolName: string, { db, log, frames, cleanups }: Surroundings) {
    this.db = db;
    this.log = log;
    this.frames = frames;
    this.cleanups = cleanups;
    this.socket = socket;
    this.poolName = poolName;
    socket.onText = (text) => {
      if (++this.waitingFrames >= MOST_WAITING_FRAMES) socket.pause();
      this.after(() => this.receive(text).finally(() => this.received()));
    };
  }

  private received(): void {
    if (--this.waitingFrames < MOST_WAITING_FRAMES && !this.settling) this.socket.resume();
  }

  get poolId(): string | undefined {
    return this.pool?.id;
  }

  /** One frame after the other, in the order in which they come. */
  private after(step: () => Promise<void>): void {
    this.busy = this.busy.then(step).catch((error) => this.fail(error));
  }

  private fail(error: unknown): void {
    if (error instanceof Refusal) this.close(error.reason);
    // What a template of the hello is refused for; a request would be answered with it.
    else if (error instanceof HttpError) this.close('protocol_error');
    else {
      this.log.error({ err: withoutParameters(error), work_pool: this.poolName }, 'a worker channel failed');
      this.close('transient_server_error');
    }
  }

  private close(reason: CloseReason): void {
    this.left();
    this.socket.close(CLOSE_CODES[reason], reason);
  }

  /** The worker is handed nothing more. */
  left(): void {
    if (this.taker) this.cleanups.remove(this.taker);
    this.taker = undefined;
  }

  /** Resolves when what was received is done; nothing more is read. */
  async settled(): Promise<void> {
    this.settling = true;
    clearTimeout(this.pending);
    await this.busy;
  }

  private async receive(text: string): Promise<void> {
    if (!this.socket.isOpen) return;
    if (!this.hello) return this.begin(this.read(() => this.frames.hello(text)).payload);
    const frame = this.read(() => this.frames.later(text));
    return frame.type === 'worker.heartbeat.v1' ? this.beat(frame.payload) : this.cleanedUp(frame);
  }

  private read<T>(parse: () => T): T {
    try {
      return parse();
    } catch {
      throw new Refusal('protocol_error');
    }
  }

  private async begin(hello: Hello['payload']): Promise<void> {
    const agreement = agree(hello);
    await ensurePool(this.db, this.poolName, hello, this.frames);
    const resolved_work_queues = await resolveQueues(this.db, this.poolName, hello.work_queue_names);
    this.hello = hello;
    this.pool = new PoolView(this.db, await this.persist(hello));
    this.send('worker.ready.v1', {
      consumer_id: hello.consumer_id,
      worker_id: null,
      selected_channel_version: CHANNEL_VERSION,
      effective_heartbeat_interval_seconds: hello.heartbeat_interval_seconds,
      accepted_capabilities: agreement.accepted,
      rejected_capabilities: agreement.rejected,
      effective_max_cleanup_concurrency: agreement.mostCleanups,
      resolved_work_queues,
      initial_snapshot: await this.pool.snapshot('initial'),
    });
    const queueIds = resolved_work_queues.map(({ id }) => id);
    if (agreement.mostCleanups > 0) this.takeCleanups(hello, queueIds, agreement);
  }

  private takeCleanups(hello: Hello['payload'], queueIds: string[], { mostCleanups: most }: Agreement): void {
    if (!this.socket.isOpen) return;
    const poolId = this.pool!.id;
    const { consumer_id, worker_name, handled_cleanup_kinds: kinds } = hello;
    const key = JSON.stringify([poolId, consumer_id, worker_name]);
    const isOpen = () => this.socket.isOpen;
    const deliver = (message: ReservedCleanup) => this.send('cleanup.message.v1', cleanupPayload(message));
    this.taker = { poolId, key, kinds, queueIds, most, isOpen, deliver };
    this.cleanups.add(this.taker);
  }

  private async cleanedUp({ id, type, payload }: CleanupFrame): Promise<void> {
    const operation = type.split('.')[1] as CleanupOperation;
    const { message_id: messageId, reservation_token: token } = payload;
    const { taker } = this;
    const result: CleanupResult = taker
      ? await this.cleanups.operate(taker, { operation, poolId: taker.poolId, messageId, token })
      : { status: 'unauthorized', reason: 'cleanup_delivery_not_accepted', lease_expires_at: null };
    const { status, lease_expires_at, reason } = result;
    const answer = { request_frame_id: id, message_id: messageId, operation, status };
    this.send('cleanup.operation_result.v1', { ...answer, lease_expires_at, reason, detail: null });
    if (taker) this.cleanups.wake(taker.poolId);
  }

  private async persist({ worker_name: name, heartbeat_interval_seconds }: Beat['payload']) {
    try {
      return await recordHeartbeat(this.db, this.poolName, { name, heartbeat_interval_seconds });
    } catch (error) {
      this.log.warn({ err: withoutParameters(error), worker: name }, 'a heartbeat could not be noted');
      throw new Refusal('heartbeat_persistence_failed');
    }
  }

  private async beat(payload: Beat['payload']): Promise<void> {
    const { consumer_id, worker_name } = this.hello!;
    if (payload.consumer_id !== consumer_id || payload.worker_name !== worker_name) {
      throw new Refusal('protocol_error');
    }
    // Another server may have changed the pool.
    if (this.pool!.renew(await this.persist(payload))) this.poolChanged('heartbeat_reconciliation');
  }

  /** The worker is to be told how its pool is now. */
  poolChanged(reason = 'work_pool_updated'): void {
    if (!this.socket.isOpen) return;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.after(() => this.tell(reason)), COALESCE_MS);
  }

  /** Another server may have changed the pool: `updated` is when it was changed last, if it's still there. */
  lookAgain(updated: string | undefined): void {
    const { pool } = this;
    if (!pool?.isUnseen(updated)) return;
    this.after(async () => {
      if (await pool.differs()) this.poolChanged();
    });
  }

  private async tell(reason: string): Promise<void> {
    const pool = this.pool!;
    if (!(await pool.read())) throw new Refusal('authorization_failed');
    this.send('work_pool.snapshot.v1', await pool.snapshot(reason));
  }

  private send(type: string, payload: unknown): void {
    this.socket.send(stringifyJson({ type, id: uuid7(), sent_at: now(), payload }));
  }
}
