import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { withoutParameters } from '../db/errors.ts';
import type { WorkPool } from '../entities/work-pool/event.ts';
import { readWorkPoolById, withSlots } from '../entities/work-pool/query.ts';
import { readPolledPool } from '../entities/work-pool/work-poll.ts';
import {
  checkTemplateDefaults,
  createWorkPool,
  readWorkPool,
  updateWorkPool,
} from '../entities/work-pool/work-pool.ts';
import { recordHeartbeat } from '../entities/work-pool/worker.ts';
import { HttpError } from '../errors.ts';
import { type JsonText, stringifyJson } from '../json/json.ts';
import { now } from '../time/timestamp.ts';
import { uuid7 } from '../time/uuid7.ts';
import type { Socket } from './socket.ts';

export interface Hello {
  payload: {
    consumer_id: string;
    worker_name: string;
    worker_type: string;
    heartbeat_interval_seconds: number;
    supported_channel_versions: string[];
    requested_capabilities: string[];
    work_queue_names: string[];
    create_pool_if_not_found: boolean;
    default_base_job_template: JsonText;
  };
}

export interface Beat {
  type: 'worker.heartbeat.v1';
  payload: { consumer_id: string; worker_name: string; heartbeat_interval_seconds: number };
}

export interface CleanupAnswer {
  type: 'cleanup.ack.v1' | 'cleanup.release.v1' | 'cleanup.renew.v1';
  id: string;
  payload: { message_id: string };
}

/** Readers of frames. They throw what is no such frame. */
export interface Frames {
  hello(text: string): Hello;
  later(text: string): Beat | CleanupAnswer;
  /** What is wrong with a template that a pool is made with. */
  templateProblem(template: JsonText): string | undefined;
}

const VERSION = 'work_pool_worker_channel.v1';
const CAPABILITIES = ['worker_heartbeat.v1', 'work_pool_snapshot.v1'];

/** Why the server hangs up, with the code that tells a worker whether to come back. */
const CODES = {
  authorization_failed: 1008,
  unsupported_version: 1008,
  protocol_error: 1002,
  heartbeat_persistence_failed: 1011,
  transient_server_error: 1011,
};
type Reason = keyof typeof CODES;

class Refusal extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Several changes at once are told in one frame. */
const COALESCE_MS = 50;

/**
 * The channel of one worker: it says who it is and how it lives, and is told how its pool is. Work it still asks for by
 * request. Clean-ups aren't handed out: the capability is refused, which the protocol knows.
 */
export class WorkerChannel {
  private readonly db: Database;
  private readonly log: Logger;
  private readonly frames: Frames;
  private readonly socket: Socket;
  private readonly poolName: string;
  private hello: Hello['payload'] | undefined;
  private pool: WorkPool | undefined;
  private snapshots = 0;
  private pending: NodeJS.Timeout | undefined;
  private busy: Promise<void> = Promise.resolve();

  constructor(
    socket: Socket,
    poolName: string,
    { db, log, frames }: { db: Database; log: Logger; frames: Frames },
  ) {
    this.db = db;
    this.log = log;
    this.frames = frames;
    this.socket = socket;
    this.poolName = poolName;
    socket.onText = (text) => this.after(() => this.receive(text));
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

  private close(reason: Reason): void {
    this.socket.close(CODES[reason], reason);
  }

  /** Resolves when what was received is done. */
  async settled(): Promise<void> {
    clearTimeout(this.pending);
    await this.busy;
  }

  private async receive(text: string): Promise<void> {
    if (!this.socket.isOpen) return;
    if (!this.hello) return this.begin(this.read(() => this.frames.hello(text)).payload);
    const frame = this.read(() => this.frames.later(text));
    if (frame.type === 'worker.heartbeat.v1') return this.beat(frame.payload);
    this.send('cleanup.operation_result.v1', {
      request_frame_id: frame.id,
      message_id: frame.payload.message_id,
      operation: frame.type.split('.')[1],
      status: 'unauthorized',
      lease_expires_at: null,
      reason: 'cleanup_delivery_not_accepted',
      detail: null,
    });
  }

  private read<T>(parse: () => T): T {
    try {
      return parse();
    } catch {
      throw new Refusal('protocol_error');
    }
  }

  private async begin(hello: Hello['payload']): Promise<void> {
    if (CAPABILITIES.some((one) => !hello.requested_capabilities.includes(one))) {
      throw new Refusal('protocol_error');
    }
    if (!hello.supported_channel_versions.includes(VERSION)) throw new Refusal('unsupported_version');
    await this.ensurePool(hello);
    const resolved_work_queues = await this.resolveQueues(hello.work_queue_names);
    this.hello = hello;
    await this.persist(hello);
    this.send('worker.ready.v1', {
      consumer_id: hello.consumer_id,
      worker_id: null,
      selected_channel_version: VERSION,
      effective_heartbeat_interval_seconds: hello.heartbeat_interval_seconds,
      accepted_capabilities: CAPABILITIES,
      rejected_capabilities: [...new Set(hello.requested_capabilities)].filter(
        (one) => !CAPABILITIES.includes(one),
      ),
      effective_max_cleanup_concurrency: 0,
      resolved_work_queues,
      initial_snapshot: await this.snapshot('initial'),
    });
  }

  private async ensurePool(hello: Hello['payload']): Promise<void> {
    const { worker_type: type, default_base_job_template: template } = hello;
    const pool = await readWorkPool(this.db, this.poolName);
    if (pool) {
      if (pool.base_job_template.text === '{}' && template.text !== '{}') {
        await this.checkTemplate(template);
        await updateWorkPool(this.db, this.poolName, { base_job_template: template });
      }
      return;
    }
    if (!hello.create_pool_if_not_found || this.poolName.toLowerCase().startsWith('prefect')) {
      throw new Refusal('authorization_failed');
    }
    await this.checkTemplate(template);
    await createWorkPool(this.db, { name: this.poolName, type, base_job_template: template }).catch(
      async (error) => {
        // Another worker of the pool may have come at the same time.
        if (!(await readWorkPool(this.db, this.poolName))) throw error;
      },
    );
  }

  private async checkTemplate(template: JsonText): Promise<void> {
    if (this.frames.templateProblem(template) !== undefined) throw new Refusal('protocol_error');
    await checkTemplateDefaults(this.db, template);
  }

  private async resolveQueues(names: string[]): Promise<{ id: string; name: string }[]> {
    const found = await readPolledPool(this.db, this.poolName);
    const queues = (found?.queues ?? []).map(({ id, name }) => ({ id, name }));
    if (names.length === 0) return queues;
    return [...new Set(names)].map((name) => {
      const queue = queues.find((one) => one.name === name);
      if (!queue) throw new Refusal('authorization_failed');
      return queue;
    });
  }

  private async persist({ worker_name: name, heartbeat_interval_seconds }: Beat['payload']): Promise<void> {
    try {
      this.pool = await recordHeartbeat(this.db, this.poolName, { name, heartbeat_interval_seconds });
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
    const before = this.pool!.updated;
    await this.persist(payload);
    // Another server may have changed the pool.
    if (this.pool!.updated !== before) this.poolChanged('heartbeat_reconciliation');
  }

  /** The worker is to be told how its pool is now. */
  poolChanged(reason = 'work_pool_updated'): void {
    if (!this.socket.isOpen) return;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.after(() => this.tell(reason)), COALESCE_MS);
  }

  private async tell(reason: string): Promise<void> {
    this.pool = (await readWorkPoolById(this.db, this.pool!.id)) ?? undefined;
    if (!this.pool) throw new Refusal('authorization_failed');
    this.send('work_pool.snapshot.v1', await this.snapshot(reason));
  }

  private async snapshot(reason: string) {
    const [work_pool] = await withSlots(this.db, [this.pool!]);
    return { snapshot_sequence: ++this.snapshots, reason, work_pool };
  }

  private send(type: string, payload: unknown): void {
    this.socket.send(stringifyJson({ type, id: uuid7(), sent_at: now(), payload }));
  }
}
