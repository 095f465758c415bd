import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { withoutParameters } from '../db/errors.ts';
import {
  claimTaskRun,
  dequeueTaskRun,
  forgetLostTaskWorkers,
  forgetTaskWorkers,
  observeTaskWorkers,
  onTaskEnqueued,
  releaseTaskRun,
  waitingTaskKeys,
} from '../entities/task-run/task-queue.ts';
import { stringifyJson } from '../json/json.ts';
import type { Socket } from './socket.ts';

/** How often the queue is looked at for what other servers put there, and for what a dead one had claimed. */
const LOOK_MS = 1000;

/** Every so many looks the workers are noted as still there. */
const LOOKS_BETWEEN_NOTES = 10;

/** A worker that says nothing to what it was given has gone. */
const ACKNOWLEDGE_MS = 20_000;

/** Hands background task runs out to the workers that listen at this server, each to one of them. */
export class TaskDispatch {
  readonly db: Database;
  private readonly log: Logger;
  private readonly listening = new Set<TaskListener>();
  private readonly stopHearing: () => void;
  private readonly timer: NodeJS.Timeout;
  private looks = 0;
  private looking: Promise<void> | undefined;

  constructor(db: Database, log: Logger) {
    this.db = db;
    this.log = log;
    this.stopHearing = onTaskEnqueued(db, (key) => this.wake([key]));
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
      });
    }, LOOK_MS);
    this.timer.unref();
  }

  add(listener: TaskListener): void {
    this.listening.add(listener);
    this.note([listener]).catch((error) => this.complain(error));
  }

  remove(listener: TaskListener): void {
    // Of those that the server hangs up on, nothing is left to do.
    if (!this.listening.delete(listener)) return;
    if (this.namesakes(listener).length > 0) return;
    forgetTaskWorkers(this.db, [listener.identifier]).catch((error) => this.complain(error));
  }

  complain(error: unknown): void {
    this.log.error({ err: withoutParameters(error) }, 'background task runs could not be handed out');
  }

  private namesakes({ identifier }: TaskListener): TaskListener[] {
    return [...this.listening].filter((other) => other.identifier === identifier);
  }

  private note(listeners: TaskListener[]): Promise<void> {
    const byName = new Map(listeners.map((one) => [one.identifier, new Set(one.keys)]));
    for (const one of listeners) for (const key of one.keys) byName.get(one.identifier)!.add(key);
    const workers = [...byName].map(([identifier, keys]) => ({ identifier, task_keys: [...keys] }));
    return observeTaskWorkers(this.db, workers);
  }

  private wake(keys: string[]): void {
    for (const listener of this.listening) if (keys.some((key) => listener.keys.has(key))) listener.wake();
  }

  private async look(): Promise<void> {
    if (this.listening.size === 0) return;
    try {
      const keys = new Set([...this.listening].flatMap((listener) => [...listener.keys]));
      this.wake(await waitingTaskKeys(this.db, [...keys]));
      if (++this.looks % LOOKS_BETWEEN_NOTES === 0) {
        await this.note([...this.listening]);
        await forgetLostTaskWorkers(this.db);
      }
    } catch (error) {
      this.complain(error);
    }
  }

  /** What a worker hasn't taken goes back on the queue. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.stopHearing();
    await this.looking;
    const all = [...this.listening];
    this.listening.clear();
    await Promise.all(all.map((listener) => listener.end()));
    await forgetTaskWorkers(
      this.db,
      all.map(({ identifier }) => identifier),
    );
  }
}

/** One worker's conversation: a task run, its acknowledgement, the next one. */
export class TaskListener {
  readonly identifier: string;
  readonly keys: ReadonlySet<string>;
  private readonly dispatch: TaskDispatch;
  private readonly socket: Socket;
  private readonly claim = randomUUID();
  private inHand: string | null = null;
  private deadline: NodeJS.Timeout | undefined;
  private busy: Promise<void> | undefined;
  private again = false;
  private ended = false;

  constructor(dispatch: TaskDispatch, socket: Socket, identifier: string, keys: string[]) {
    this.dispatch = dispatch;
    this.socket = socket;
    this.identifier = identifier;
    this.keys = new Set(keys);
    socket.onText = (text) => this.answered(text);
    socket.onClose = () => {
      dispatch.remove(this);
      this.end().catch((error) => dispatch.complain(error));
    };
    dispatch.add(this);
    this.wake();
  }

  /** Something may wait for it. One step after the other: what happens meanwhile is looked at after the step in hand. */
  wake(): void {
    if (this.ended || this.inHand !== null) return;
    this.again = true;
    this.run(() => this.offerNext());
  }

  private run(step: () => Promise<void>): void {
    const before = this.busy ?? Promise.resolve();
    const mine = before.then(step).catch((error) => this.fail(error));
    this.busy = mine;
  }

  private fail(error: unknown): void {
    this.dispatch.complain(error);
    this.socket.close(1011, 'The task runs could not be read: connect again.');
  }

  private async offerNext(): Promise<void> {
    if (!this.again || this.ended || this.inHand !== null) return;
    this.again = false;
    const run = await claimTaskRun(this.dispatch.db, [...this.keys], this.claim);
    if (!run) return;
    this.inHand = run.id;
    if (this.ended || !this.socket.isOpen) return this.giveBack();
    this.socket.send(stringifyJson(run));
    this.deadline = setTimeout(
      () => this.socket.close(4001, 'What was sent is not acknowledged.'),
      ACKNOWLEDGE_MS,
    );
  }

  private answered(text: string): void {
    const type = typeOf(text);
    if (type === 'quit') this.socket.close(1000, '');
    else if (type !== 'ack' || this.inHand === null) {
      this.socket.close(4001, "Protocol violation: expected 'ack' message");
    } else {
      clearTimeout(this.deadline);
      this.run(() => this.taken());
    }
  }

  private async taken(): Promise<void> {
    if (this.inHand === null) return;
    const id = this.inHand;
    this.inHand = null;
    await dequeueTaskRun(this.dispatch.db, id, this.claim);
    this.again = true;
    await this.offerNext();
  }

  private async giveBack(): Promise<void> {
    const id = this.inHand;
    this.inHand = null;
    if (id !== null) await releaseTaskRun(this.dispatch.db, id, this.claim);
  }

  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.deadline);
    await this.busy;
    await this.giveBack();
  }
}

export function typeOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type;
  } catch {
    return undefined;
  }
}

/** The first frame of a conversation: for which tasks the worker is there, and how it is called. */
export function subscribeToTasks(socket: Socket, dispatch: TaskDispatch): void {
  const refuse = (expected: string) => socket.close(4001, `Protocol violation: expected ${expected}`);
  socket.onText = (text) => {
    socket.onText = () => {};
    if (typeOf(text) !== 'subscribe') return refuse("'subscribe' message");
    const { keys, client_id } = JSON.parse(text) as { keys?: unknown; client_id?: unknown };
    if (!Array.isArray(keys) || keys.length === 0) return refuse("'keys' in subscribe message");
    if (typeof client_id !== 'string' || client_id === '') {
      return refuse("'client_id' in subscribe message");
    }
    new TaskListener(dispatch, socket, client_id, keys.map(String));
  };
}
