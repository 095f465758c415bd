import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { SettingName, Settings } from '../settings/settings.ts';

export interface ServiceContext {
  db: Database;
  settings: Settings;
  /** Says which service speaks. */
  log: Logger;
  /** The server stops: the turn ends after the page in hand. What it leaves, the next turn finds again. */
  stopping: AbortSignal;
}

/**
 * One piece of background work that comes again and again. With several servers on one database each turn is taken by
 * one of them; yet a turn may be done twice when the clocks or the network fail, so that its work must bear that: it looks
 * again at a row, under its lock, before it changes it.
 */
export interface Service {
  /** As Prefect's settings call it: `late_runs`. */
  readonly name: string;
  /** For people: what it does, a verb first ("marks runs late"). */
  readonly about: string;
  /** What switches it, for people who look for it. */
  readonly setting: SettingName;
  enabled(settings: Settings): boolean;
  intervalSeconds(settings: Settings): number;
  /**
   * One round. Bounded: a page of work, no transaction that lasts; `'more'` when there is more to do at once.
   * What it throws is logged, and the next turn comes later.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a turn that says nothing has nothing more to do
  turn(context: ServiceContext): Promise<void | 'more'>;
}
