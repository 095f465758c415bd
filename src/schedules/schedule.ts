import { fromMicros, type Timestamp, toMicros } from '../time/timestamp.ts';
import { cronOccurrences } from './cron.ts';
import { intervalOccurrences } from './interval.ts';
import type { Occurrence, Window } from './occurrence.ts';
import { ScheduleProblem } from './problem.ts';
import { rruleOccurrences } from './rrule.ts';
import { Zone } from './zone.ts';
import { isZoneName } from './zone-names.ts';

/** Schedules as Prefect stores and answers them. */
export interface IntervalSchedule {
  /** Seconds. */
  interval: number;
  /** With the offset that it was given with. */
  anchor_date: string;
  timezone: string | null;
}

export interface CronSchedule {
  cron: string;
  timezone: string | null;
  day_or: boolean;
}

export interface RRuleSchedule {
  rrule: string;
  timezone: string | null;
}

export type Schedule = IntervalSchedule | CronSchedule | RRuleSchedule;

/** A schedule as a row has it; its interval keeps the decimal point that Prefect gives it. */
export function storedSchedule(stored: Record<string, unknown>): Schedule {
  const schedule = stored as unknown as Schedule;
  return 'interval' in schedule ? { ...schedule, interval: Number(schedule.interval) } : schedule;
}

/** Prefect's name for the kind of a schedule. */
export function scheduleKind(schedule: Schedule): 'IntervalSchedule' | 'CronSchedule' | 'RRuleSchedule' {
  if ('interval' in schedule) return 'IntervalSchedule';
  return 'cron' in schedule ? 'CronSchedule' : 'RRuleSchedule';
}

export interface Expansion {
  /** The first date is at or after it. */
  after: Timestamp;
  /** The last date is at or before it. */
  before?: Timestamp | null;
  limit: number;
}

/** A date of a schedule, and its local time as Python writes it: `2026-11-21 10:00:00-05:00`. */
export interface ScheduledDate {
  at: Timestamp;
  local: string;
}

/**
 * The dates of a schedule, one by one; at most about a thousand candidates are looked at.
 * @throws ScheduleProblem
 */
export function* scheduledDates(
  schedule: Schedule,
  { after, before, limit }: Expansion,
): Generator<ScheduledDate> {
  const zone = zoneOf(schedule);
  const window = { start: toMicros(after), end: before ? toMicros(before) : null, limit };
  for (const occurrence of occurrences(schedule, zone, window))
    yield { at: fromMicros(occurrence.moment), local: localText(occurrence) };
}

function occurrences(schedule: Schedule, zone: Zone, window: Window): Generator<Occurrence> {
  if ('interval' in schedule) {
    const { interval, anchor_date } = schedule;
    return intervalOccurrences({ interval, anchor: momentOf(anchor_date) }, zone, window);
  }
  if ('cron' in schedule) {
    const { cron, day_or: dayOr } = schedule;
    return cronOccurrences({ cron, dayOr }, zone, window);
  }
  return rruleOccurrences(schedule.rrule, zone, window);
}

function zoneOf({ timezone }: Schedule): Zone {
  const name = timezone || 'UTC';
  if (!isZoneName(name))
    throw new ScheduleProblem(`there is no time zone ${name}: name one as America/New_York`);
  return Zone.named(name);
}

const ANCHOR = /^(.{19})(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})?$/;

/** An anchor has the offset it came with; microseconds since 1970. */
function momentOf(anchor: string): number {
  const match = ANCHOR.exec(anchor.replace(' ', 'T'));
  const seconds = match ? Date.parse(match[1]! + (match[3] ?? 'Z')) : Number.NaN;
  if (Number.isNaN(seconds)) throw new ScheduleProblem(`the anchor ${anchor} is no moment`);
  return seconds * 1000 + Number((match![2] ?? '').padEnd(6, '0'));
}

function localText({ moment, clock }: Occurrence): string {
  const shown = fromMicros(clock);
  const fraction = shown.slice(19, 26);
  const offset = Math.round((clock - moment) / 1_000_000);
  return `${shown.slice(0, 10)} ${shown.slice(11, 19)}${fraction === '.000000' ? '' : fraction}${offsetText(offset)}`;
}

function offsetText(offset: number): string {
  const [sign, size] = [offset < 0 ? '-' : '+', Math.abs(offset)];
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const seconds = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `${sign}${two(size / 3600)}:${two((size / 60) % 60)}${seconds}`;
}
