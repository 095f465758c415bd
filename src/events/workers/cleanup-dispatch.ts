import type { Logger } from 'pino';
import type { Database } from '../../db/database.ts';
import { withoutParameters } from '../../db/errors.ts';
import {
  type CleanupMessage,
  onCleanupWaiting,
  type ReservedCleanup,
} from '../../entities/cleanup/message.ts';
import { type CleanupAnswer, type CleanupResult, operateCleanup } from '../../entities/cleanup/operation.ts';
import { type CleanupPolicy, poolsWithCleanups, reserveCleanup } from '../../entities/cleanup/reservation.ts';
import type { Settings } from '../../settings/settings.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { Lookout } from '../lookout.ts';

/** How often is looked for what other servers have put there, and for what lost its worker; Prefect's own time. */
const LOOK_MS = 1000;

/** A worker that takes clean-ups. */
export interface CleanupTaker {
  readonly poolId: string;
  /** The same after the worker has come back: what it had, it still has. */
  readonly key: string;
  readonly kinds: readonly string[];
  /** The queues that it works for; those of others come after. */
  readonly queueIds: readonly string[];
  /** How many it takes at a time. */
  readonly most: number;
  isOpen(): boolean;
  deliver(message: ReservedCleanup): void;
}

/** Hands clean-ups out to the workers that are connected to this server, each to one of them. */
export class CleanupDispatch {
  private readonly db: Database;
  private readonly policy: CleanupPolicy;
  private readonly log: Logger;
  /** Who got one last stands last. */
  private takers: CleanupTaker[] = [];
  /** Until when each worker has what it has, by token. */
  private readonly held = new Map<string, Map<string, Timestamp>>();
  private readonly waiting = new Set<string>();
  private busy: Promise<void> | undefined;
  private readonly stopHearing: () => void;
  private readonly lookout: Lookout;

  constructor(db: Database, policy: CleanupPolicy, log: Logger) {
    this.db = db;
    this.policy = policy;
    this.log = log;
    this.stopHearing = onCleanupWaiting(db, (poolId) => this.wake(poolId));
    this.lookout = new Lookout(
      LOOK_MS,
      () => this.look(),
      (error) => this.complain(error),
    );
  }

  add(taker: CleanupTaker): void {
    this.takers.push(taker);
    this.wake(taker.poolId);
  }

  remove(taker: CleanupTaker): void {
    this.takers = this.takers.filter((one) => one !== taker);
  }

  async close(): Promise<void> {
    this.stopHearing();
    this.takers = [];
    await this.lookout.stop();
    await this.busy;
  }

  /** What a worker says of what it has. */
  async operate(taker: CleanupTaker, answer: CleanupAnswer): Promise<CleanupResult> {
    try {
      const result = await operateCleanup(this.db, answer, this.policy);
      const { status, lease_expires_at, givenUp } = result;
      if (givenUp) this.giveUp(givenUp);
      const isRenewed = answer.operation === 'renew' && status === 'accepted';
      if (isRenewed && this.held.get(taker.key)?.has(answer.token))
        this.hold(taker, answer.token, lease_expires_at!);
      if (!isRenewed) this.letGo(taker, answer.token);
      return result;
    } catch (error) {
      this.complain(error);
      return { status: 'error', reason: 'cleanup_queue_operation_failed', lease_expires_at: null };
    }
  }

  /** Once the worker has heard that what it had is settled, it may get the next. */
  wake(poolId: string): void {
    if (!this.takers.some((taker) => taker.poolId === poolId)) return;
    this.waiting.add(poolId);
    this.busy ??= this.work().finally(() => {
      this.busy = undefined;
    });
  }

  private async look(): Promise<void> {
    const poolIds = [...new Set(this.takers.map(({ poolId }) => poolId))];
    if (poolIds.length === 0) return;
    for (const poolId of await poolsWithCleanups(this.db, poolIds)) this.wake(poolId);
  }

  private async work(): Promise<void> {
    // Those that come meanwhile are added at the end of the set.
    for (const poolId of this.waiting) {
      this.waiting.delete(poolId);
      try {
        while (await this.handOut(poolId));
      } catch (error) {
        this.complain(error);
      }
    }
  }

  /** One message to one worker: to one of its queue, if there is one, else to any. */
  private async handOut(poolId: string): Promise<boolean> {
    const able = this.takers.filter((taker) => taker.poolId === poolId && this.hasRoom(taker));
    for (const isAnyQueue of [false, true]) {
      for (const taker of able) {
        const queueIds = isAnyQueue ? null : taker.queueIds;
        if (queueIds?.length === 0 || !taker.isOpen()) continue;
        const wish = { poolId, kinds: taker.kinds, queueIds };
        const message = await reserveCleanup(this.db, wish, this.policy, (one) => this.giveUp(one));
        if (!message) continue;
        await this.hand(taker, message);
        return true;
      }
    }
    return false;
  }

  private async hand(taker: CleanupTaker, message: ReservedCleanup): Promise<void> {
    const { id: messageId, reservation_token: token, lease_expires_at } = message;
    if (taker.isOpen() && this.takers.includes(taker)) {
      this.hold(taker, token, lease_expires_at);
      this.remove(taker);
      this.takers.push(taker);
      taker.deliver(message);
      return;
    }
    // It has gone meanwhile.
    const answer: CleanupAnswer = { operation: 'release', poolId: taker.poolId, messageId, token };
    await this.operate(taker, answer);
  }

  private hasRoom({ key, most }: CleanupTaker): boolean {
    const held = this.held.get(key);
    if (!held) return most > 0;
    const moment = now();
    for (const [token, until] of held) if (until <= moment) held.delete(token);
    if (held.size === 0) this.held.delete(key);
    return held.size < most;
  }

  private hold({ key }: CleanupTaker, token: string, until: Timestamp): void {
    const held = this.held.get(key) ?? new Map<string, Timestamp>();
    this.held.set(key, held.set(token, until));
  }

  private letGo({ key }: CleanupTaker, token: string): void {
    const held = this.held.get(key);
    held?.delete(token);
    if (held?.size === 0) this.held.delete(key);
  }

  private giveUp(message: CleanupMessage): void {
    tellGivenUp(this.log, message);
  }

  private complain(error: unknown): void {
    this.log.error({ err: withoutParameters(error) }, 'clean-ups could not be handed out');
  }
}

export function cleanupPolicy({ server }: Settings): CleanupPolicy {
  const { cleanupLeaseSeconds, cleanupMaxDeliveryAttempts } = server.workerChannel;
  return { leaseSeconds: cleanupLeaseSeconds, mostDeliveries: cleanupMaxDeliveryAttempts };
}

/** Nobody tries again: what the run has left stays, and people must know. */
export function tellGivenUp(log: Logger, { id, kind, target, delivery_count }: CleanupMessage): void {
  log.warn(
    { message_id: id, kind, ...target, deliveries: delivery_count },
    'a clean-up is given up, for no worker has done it: see whether its infrastructure still runs',
  );
}
