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
  /** Acknowledgements that nothing has been taken for yet: a word may come before what it is for. */
  private words = 0;
  private deadline: NodeJS.Timeout | undefined;
  private busy: Promise<void> = Promise.resolve();
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
    this.run(() => this.serve());
  }

  /** Not while its socket closes: what it gives back would be offered to it again, without end. */
  private get mayBeOffered(): boolean {
    return !this.ended && this.inHand === null && this.socket.isOpen;
  }

  private run(step: () => Promise<void>): void {
    this.busy = this.busy.then(step).catch((error) => this.fail(error));
  }

  private fail(error: unknown): void {
    this.dispatch.remove(this);
    this.dispatch.complain(error);
    this.socket.close(1011, 'The task runs could not be read: connect again.');
  }

  /** Offers one task run after the other, as long as each has its word. */
  private async serve(): Promise<void> {
    while (this.inHand !== null || (await this.offerNext())) {
      if (this.words === 0) return;
      this.words--;
      await this.taken();
      this.again = true;
    }
  }

  /** False when there is none, or it can't be sent. */
  private async offerNext(): Promise<boolean> {
    if (!this.again || !this.mayBeOffered) return false;
    this.again = false;
    const run = await claimTaskRun(this.dispatch.db, [...this.keys], this.claim);
    if (!run) return false;
    this.inHand = run.id;
    if (this.ended || !this.socket.isOpen) {
      await this.giveBack();
      return false;
    }
    this.socket.send(stringifyJson(run));
    if (this.words === 0)
      this.deadline = setTimeout(
        () => this.socket.close(4001, 'What was sent is not acknowledged.'),
        ACKNOWLEDGE_MS,
      );
    return true;
  }

  private answered(text: string): void {
    const type = typeOf(text);
    if (type === 'quit') this.leave();
    else if (type !== 'ack') this.socket.close(4001, "Protocol violation: expected 'ack' message");
    else {
      clearTimeout(this.deadline);
      if (this.words++ === 0) this.run(() => this.serve());
    }
  }

  /** As with Prefect's server, what a worker was given last goes with it. */
  private leave(): void {
    this.run(() => this.taken());
    this.socket.close(1000, '');
  }

  private async taken(): Promise<void> {
    const id = this.inHand;
    this.inHand = null;
    if (id !== null) await dequeueTaskRun(this.dispatch.db, id, this.claim);
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
