import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../db/database.ts';
import type { WorkPool } from '../../entities/work-pool/event.ts';
import { readWorkPoolById, withSlots } from '../../entities/work-pool/query.ts';
import { SHOWN_TO_WORKERS } from '../../entities/work-pool/work-pool-change.ts';

/** A work pool as a worker was told of it. */
export class PoolView {
  private readonly db: Database;
  private pool: WorkPool;
  private snapshots = 0;
  /** The last change of another server that was looked at. */
  private seen: string | undefined;

  constructor(db: Database, pool: WorkPool) {
    this.db = db;
    this.pool = pool;
  }

  get id(): string {
    return this.pool.id;
  }

  /** @returns whether it is another than was known */
  renew(pool: WorkPool): boolean {
    const isChanged = pool.updated !== this.pool.updated;
    this.pool = pool;
    return isChanged;
  }

  /** Reads it anew. @returns whether it's still there */
  async read(): Promise<boolean> {
    const found = await readWorkPoolById(this.db, this.id);
    if (found) this.pool = found;
    return found !== undefined && found !== null;
  }

  /** Whether a change at that moment is one that wasn't looked at yet; undefined when the pool is gone. */
  isUnseen(updated: string | undefined): boolean {
    if (updated === this.pool.updated || (updated !== undefined && updated === this.seen)) return false;
    this.seen = updated;
    return true;
  }

  /** Whether the worker would see it otherwise than it was told. */
  async differs(): Promise<boolean> {
    const found = await readWorkPoolById(this.db, this.id);
    return !found || SHOWN_TO_WORKERS.some((field) => !isDeepStrictEqual(found[field], this.pool[field]));
  }

  async snapshot(reason: string) {
    const [work_pool] = await withSlots(this.db, [this.pool]);
    return { snapshot_sequence: ++this.snapshots, reason, work_pool };
  }
}
