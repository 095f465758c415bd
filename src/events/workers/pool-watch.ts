import type { Logger } from 'pino';
import type { Database } from '../../db/database.ts';
import { withoutParameters } from '../../db/errors.ts';
import { Lookout } from '../lookout.ts';
import type { WorkerChannel } from './worker-channel.ts';

/** How often the pools of workers are looked at for what other servers have changed. */
const LOOK_MS = 1000;

/**
 * Tells workers of changes that another server made. Several of Prefect's servers tell each other at once, over Redis;
 * ours look into the database.
 */
export class PoolWatch {
  private readonly db: Database;
  private readonly channels: ReadonlySet<WorkerChannel>;
  private readonly lookout: Lookout;

  constructor(db: Database, log: Logger, channels: ReadonlySet<WorkerChannel>) {
    this.db = db;
    this.channels = channels;
    this.lookout = new Lookout(
      LOOK_MS,
      () => this.look(),
      (error) => log.error({ err: withoutParameters(error) }, 'work pools could not be looked at'),
    );
  }

  private async look(): Promise<void> {
    const ids = new Set([...this.channels].flatMap(({ poolId }) => poolId ?? []));
    if (ids.size === 0) return;
    const { work_pool } = this.db.tables;
    const rows = await this.db.orm
      .select({ id: work_pool.id, updated: work_pool.updated })
      .from(work_pool)
      .where(this.db.dialect.isIn(work_pool.id, [...ids]));
    const updated = new Map(rows.map((row) => [row.id, row.updated]));
    for (const channel of this.channels) channel.lookAgain(updated.get(channel.poolId ?? ''));
  }

  close(): Promise<void> {
    return this.lookout.stop();
  }
}
