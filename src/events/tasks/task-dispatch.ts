import type { Logger } from 'pino';
import type { Database } from '../../db/database.ts';
import { withoutParameters } from '../../db/errors.ts';
import {
  forgetLostTaskWorkers,
  forgetTaskWorkers,
  observeTaskWorkers,
  onTaskEnqueued,
  waitingTaskKeys,
} from '../../entities/task-run/task-queue.ts';
import { Lookout } from '../lookout.ts';
import type { TaskListener } from './task-listener.ts';

/** How often the queue is looked at for what other servers put there, and for what a dead one had claimed. */
const LOOK_MS = 1000;

/** Every so many looks the workers are noted as still there. */
const LOOKS_BETWEEN_NOTES = 10;

/** So long a worker is still listed after it has left: Prefect looks after them once a second. */
const LISTED_AFTERWARDS_MS = 1000;

/** Hands background task runs out to the workers that listen at this server, each to one of them. */
export class TaskDispatch {
  readonly db: Database;
  private readonly log: Logger;
  private readonly listening = new Set<TaskListener>();
  private readonly leaving = new Map<string, NodeJS.Timeout>();
  private readonly stopHearing: () => void;
  private readonly lookout: Lookout;
  private looks = 0;

  constructor(db: Database, log: Logger) {
    this.db = db;
    this.log = log;
    this.stopHearing = onTaskEnqueued(db, (key) => this.wake([key]));
    this.lookout = new Lookout(
      LOOK_MS,
      () => this.look(),
      (error) => this.complain(error),
    );
  }

  /** Fails where the listener can't be noted: with it in their midst the others wouldn't be either. */
  add(listener: TaskListener): Promise<void> {
    this.listening.add(listener);
    return this.note(this.namesakes(listener.identifier));
  }

  remove(listener: TaskListener): void {
    // Of those that the server hangs up on, nothing is left to do.
    if (!this.listening.delete(listener)) return;
    const { identifier } = listener;
    clearTimeout(this.leaving.get(identifier));
    this.leaving.set(
      identifier,
      setTimeout(() => this.forget(identifier), LISTED_AFTERWARDS_MS),
    );
  }

  private forget(identifier: string): void {
    this.leaving.delete(identifier);
    if (this.namesakes(identifier).length > 0) return;
    forgetTaskWorkers(this.db, [identifier]).catch((error) => this.complain(error));
  }

  complain(error: unknown): void {
    this.log.error({ err: withoutParameters(error) }, 'background task runs could not be handed out');
  }

  private namesakes(identifier: string): TaskListener[] {
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
    const keys = new Set([...this.listening].flatMap((listener) => [...listener.keys]));
    this.wake(await waitingTaskKeys(this.db, [...keys]));
    if (++this.looks % LOOKS_BETWEEN_NOTES === 0) {
      await this.note([...this.listening]);
      await forgetLostTaskWorkers(this.db);
    }
  }

  /** What a worker hasn't taken goes back on the queue. */
  async close(): Promise<void> {
    this.stopHearing();
    await this.lookout.stop();
    const all = [...this.listening];
    this.listening.clear();
    for (const timer of this.leaving.values()) clearTimeout(timer);
    await Promise.all(all.map((listener) => listener.end()));
    const known = [...all.map(({ identifier }) => identifier), ...this.leaving.keys()];
    await forgetTaskWorkers(this.db, known);
  }
}
