import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { type GrowingTable, TableFollower } from './table-follower.ts';

/** What is handed out: rows of a table, as they are committed. */
interface Source<Row extends { id: string }> {
  readonly table: GrowingTable<Row>;
  /** Calls back with what this server commits; gives what ends it. */
  onCommitted(listener: (rows: Row[]) => void): () => void;
}

/** Hands committed rows to who asked for them: this server's right after the commit, other servers' from the table. */
export abstract class FanOut<Subscriber, Row extends { id: string }> {
  protected readonly subscribers = new Set<Subscriber>();
  private readonly follower: TableFollower<Row> | undefined;
  private readonly stopListening: () => void;
  private settling: Promise<void> = Promise.resolve();

  constructor(db: Database, log: Logger, { table, onCommitted }: Source<Row>) {
    this.stopListening = onCommitted((rows) => {
      if (this.subscribers.size > 0) this.publish(this.follower?.unseen(rows) ?? rows);
    });
    if (db.dialect.servesMany) this.follower = new TableFollower(table, log, (rows) => this.publish(rows));
  }

  /** Each to the subscribers whom it concerns. */
  protected abstract publish(rows: Row[]): void;

  /** Resolves when every row that is committed from now on will be delivered. */
  add(subscriber: Subscriber): Promise<void> {
    this.subscribers.add(subscriber);
    return this.settle();
  }

  remove(subscriber: Subscriber): void {
    this.subscribers.delete(subscriber);
    this.settle().catch(() => {});
  }

  /** The table is followed while somebody listens; one change after the other, since each takes its time. */
  private settle(): Promise<void> {
    const turn = () => (this.subscribers.size > 0 ? this.follower?.start() : this.follower?.stop());
    this.settling = this.settling.catch(() => {}).then(turn);
    return this.settling;
  }

  async close(): Promise<void> {
    this.stopListening();
    this.subscribers.clear();
    await this.settle();
  }
}
