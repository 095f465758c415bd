import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable, unwrapDatabaseError, withoutParameters } from '../db/errors.ts';
import { now, type Timestamp } from '../time/timestamp.ts';
import type { Service, ServiceContext } from './service.ts';
import { KEEP_EVERY_MS, type Turns } from './turns.ts';

/** How one service fares on this server. */
export interface ServiceStatus {
  name: string;
  running: boolean;
  /** Of the last turn that this server did. */
  started: Timestamp | null;
  finished: Timestamp | null;
  /** What it failed with; null when it went well. */
  failure: string | null;
}

/** Several services, or servers, that begin together don't stay together. */
const JITTER = 0.1;
const FIRST_WITHIN_SECONDS = 1;
/** After an error: 5 seconds (or the interval, where it is shorter), doubled with each further one. */
const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 60;

/** Does the turns of one service, one after the other, until it is stopped. */
export class Loop {
  readonly status: ServiceStatus;
  private readonly service: Service;
  private readonly context: ServiceContext;
  private readonly turns: Turns;
  private failures = 0;

  constructor(service: Service, context: ServiceContext, turns: Turns) {
    this.service = service;
    this.context = context;
    this.turns = turns;
    this.status = { name: service.name, running: false, started: null, finished: null, failure: null };
  }

  /** Resolves once `context.stopping` has been told and the turn in hand has ended; never fails. */
  async run(): Promise<void> {
    const { stopping } = this.context;
    let wait = Math.random() * Math.min(this.interval, FIRST_WITHIN_SECONDS);
    while (!stopping.aborted) {
      await sleep(wait * 1000, undefined, { signal: stopping }).catch(() => {});
      if (stopping.aborted) return;
      wait = await this.attempt().catch((error: unknown) => this.fail(error));
    }
  }

  private get interval(): number {
    return this.service.intervalSeconds(this.context.settings);
  }

  /** Does a turn if it is ours; gives the seconds to wait for the next. */
  private async attempt(): Promise<number> {
    const { taken, dueIn } = await this.turns.take(this.service.name, this.interval);
    // Who has it now may be done long before its claim is over.
    if (!taken) return Math.min(dueIn, this.interval) + Math.random() * JITTER * Math.min(this.interval, 10);
    const began = performance.now();
    let failure: string | null = null;
    let wait: number;
    try {
      await this.turn();
      this.recover();
      const took = (performance.now() - began) / 1000;
      wait = Math.max(0, this.interval - took) * (1 + (Math.random() - 0.5) * JITTER);
    } catch (error) {
      wait = this.fail(error);
      failure = this.status.failure;
    }
    await this.turns.end(this.service.name, wait, failure);
    return wait;
  }

  private async turn(): Promise<void> {
    const lost = new AbortController();
    const stopping = AbortSignal.any([this.context.stopping, lost.signal]);
    const keeper = setInterval(() => {
      this.turns.keep(this.service.name).then(
        (kept) => kept || lost.abort(),
        // It may be lost, or not: the turn meets the same trouble soon enough.
        () => {},
      );
    }, KEEP_EVERY_MS);
    this.status.running = true;
    this.status.started = now();
    try {
      while ((await this.service.turn({ ...this.context, stopping })) === 'more' && !stopping.aborted) {
        await breathe();
      }
      this.status.failure = null;
    } finally {
      clearInterval(keeper);
      this.status.running = false;
      this.status.finished = now();
    }
  }

  private recover(): void {
    if (this.failures > 0) this.context.log.info('works again');
    this.failures = 0;
  }

  /** Says what went wrong; gives the seconds until it is tried again. */
  private fail(thrown: unknown): number {
    const error = unwrapDatabaseError(thrown);
    this.failures++;
    const first = Math.min(this.interval, FIRST_RETRY_SECONDS);
    const longest = Math.max(this.interval, LONGEST_RETRY_SECONDS);
    const wait = Math.min(first * 2 ** Math.min(this.failures - 1, 20), longest);
    this.status.failure = error instanceof Error ? error.message : String(error);
    // Its database was taken from it: nothing that anybody could do something about.
    if (this.context.stopping.aborted) return wait;
    const again = `tries again in ${wait < 10 ? wait.toFixed(1) : Math.round(wait)} s`;
    if (error instanceof DatabaseUnavailable) this.context.log.warn({ reason: error.message }, again);
    else this.context.log.error({ err: withoutParameters(thrown) }, `a turn failed; ${again}`);
    return wait;
  }
}
