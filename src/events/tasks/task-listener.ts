import { randomUUID } from 'node:crypto';
import { claimTaskRun, dequeueTaskRun, releaseTaskRun } from '../../entities/task-run/task-queue.ts';
import { stringifyJson } from '../../json/json.ts';
import type { Socket } from '../socket.ts';
import type { TaskDispatch } from './task-dispatch.ts';

/** A worker that says nothing to what it was given has gone. */
const ACKNOWLEDGE_MS = 20_000;

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
    dispatch.add(this).catch((error) => this.fail(error));
    this.wake();
  }

  /** Something may wait for it. One step after the other: what happens meanwhile is looked at after the step in hand. */
  wake(): void {
    if (!this.mayBeOffered) return;
    this.again = true;
    this.run(() => this.offerNext());
  }

  /** Not while its socket closes: what it gives back would be offered to it again, without end. */
  private get mayBeOffered(): boolean {
    return !this.ended && this.inHand === null && this.socket.isOpen;
  }

  private run(step: () => Promise<void>): void {
    const before = this.busy ?? Promise.resolve();
    const mine = before.then(step).catch((error) => this.fail(error));
    this.busy = mine;
  }

  private fail(error: unknown): void {
    this.dispatch.remove(this);
    this.dispatch.complain(error);
    this.socket.close(1011, 'The task runs could not be read: connect again.');
  }

  private async offerNext(): Promise<void> {
    if (!this.again || !this.mayBeOffered) return;
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
    if (type === 'quit') this.leave();
    else if (type !== 'ack' || this.inHand === null) {
      this.socket.close(4001, "Protocol violation: expected 'ack' message");
    } else {
      clearTimeout(this.deadline);
      this.run(() => this.taken());
    }
  }

  /** As with Prefect's server, what a worker was given last goes with it. */
  private leave(): void {
    const id = this.inHand;
    this.inHand = null;
    this.socket.close(1000, '');
    if (id !== null) this.run(() => dequeueTaskRun(this.dispatch.db, id, this.claim));
  }

  private async taken(): Promise<void> {
    if (this.inHand === null) return;
    const id = this.inHand;
    this.inHand = null;
    // The word may have come before what it is for: then the deadline has begun after it.
    clearTimeout(this.deadline);
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
