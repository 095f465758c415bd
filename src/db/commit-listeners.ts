import type { Database } from './database.ts';

/** Who in this process hears of one kind of change once it is committed, a set for each database. */
export class CommitListeners<Change> {
  readonly #listeners = new WeakMap<Database, Set<(change: Change) => void>>();

  /** @returns what ends it */
  add(db: Database, listener: (change: Change) => void): () => void {
    const all = this.#listeners.get(db) ?? new Set();
    this.#listeners.set(db, all.add(listener));
    return () => all.delete(listener);
  }

  /** Calls all listeners after the current transaction's commit, in the order of commits; never after a rollback. */
  tell(db: Database, change: Change): void {
    db.afterCommit(() => {
      for (const listener of this.#listeners.get(db) ?? []) listener(change);
    });
  }
}
