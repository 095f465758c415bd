import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import {
  endLease,
  endLeasesOfHolder,
  grantLease,
  keepLease,
  renewLease,
} from '../entities/concurrency/lease.ts';
import { takeSlots } from '../entities/concurrency/slots.ts';
import { giveBackUnleased, isOurLease } from '../entities/concurrency/unleased-slots.ts';
import type { FlowRunSurroundings } from '../entities/flow-run/lock.ts';
import type { SlotSettings } from './slot-settings.ts';

/** The limit of concurrent runs that a flow run's deployment is tied to, as the run's rules see it. */
export interface DeploymentSlots {
  /** Whether there is such a deployment. */
  readonly hasDeployment: boolean;
  readonly collisionStrategy: 'ENQUEUE' | 'CANCEL_NEW';
  /** Until a run that finds no slot is tried again. */
  readonly waitSeconds: number;
  /** Null where the deployment has none. */
  limit(): Promise<{ limit: number; active_slots: number } | null>;
  /** Takes a slot, and gives back the id of the lease on it; null when there is none. */
  take(): Promise<string | null>;
  /** Gives back what `take` took. */
  undo(): Promise<void>;
  renew(leaseId: string): Promise<boolean>;
  /** For clients that don't renew: the lease lasts until the run ends it. */
  keep(leaseId: string): Promise<void>;
  /** Gives back what the run holds, whether or not its state tells of the lease: a state that was forced doesn't. */
  giveBack(leaseId: string | null): Promise<void>;
}

interface ConcurrencyOptions {
  collision_strategy?: 'ENQUEUE' | 'CANCEL_NEW';
  grace_period_seconds?: number | null;
}

export function deploymentSlots(
  db: Database,
  flowRunId: string,
  deployment: FlowRunSurroundings['deployment'],
  { waits, deploymentLeaseSeconds, deploymentWaitSeconds }: SlotSettings,
): DeploymentSlots {
  const options = (deployment?.concurrency_options ?? {}) as ConcurrencyOptions;
  const seconds = options.grace_period_seconds ?? deploymentLeaseSeconds;
  const limitIds = deployment?.concurrency_limit_id ? [deployment.concurrency_limit_id] : [];
  let taken: string | null = null;
  return {
    hasDeployment: deployment !== null,
    collisionStrategy: options.collision_strategy ?? 'ENQUEUE',
    waitSeconds: deploymentWaitSeconds,
    limit: async () => (limitIds[0] ? readLimitNumbers(db, limitIds[0]) : null),
    async take() {
      if (!(await takeSlots(db, limitIds, 1, waits))) return null;
      const holder = { type: 'flow_run', id: flowRunId } as const;
      taken = await grantLease(db, { limitIds, slots: 1, seconds, holder });
      return taken;
    },
    async undo() {
      if (taken) await endLease(db, taken, { waits });
      taken = null;
    },
    renew: (leaseId) => renewLease(db, leaseId, seconds),
    keep: (leaseId) => keepLease(db, leaseId),
    async giveBack(leaseId) {
      let ended = leaseId !== null && (await endLease(db, leaseId, { waits }));
      if (limitIds.length > 0 && (await endLeasesOfHolder(db, flowRunId, limitIds, { waits })) > 0)
        ended = true;
      // One of ours has given back its slot when it ended. Without one a slot goes back as Prefect does it, but not
      // somebody else's.
      if (!ended && !isOurLease(leaseId))
        await giveBackUnleased(db, new Map(limitIds.map((id) => [id, 1])), waits);
    },
  };
}

async function readLimitNumbers(db: Database, id: string) {
  const { concurrency_limit_v2: limit } = db.tables;
  const [found] = await db.orm
    .select({ limit: limit.limit, active_slots: limit.active_slots })
    .from(limit)
    .where(eq(limit.id, id));
  return found ?? null;
}
