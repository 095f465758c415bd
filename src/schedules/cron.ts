import {
  type CronExpression,
  type CronField,
  DAY,
  HOUR,
  MINUTE,
  MONTH,
  parseCron,
  SECOND,
  WEEKDAY,
  YEAR,
} from './cron-expression.ts';
import { atClock, atMoment, MAX_CANDIDATES, MICROS, type Occurrence, type Window } from './occurrence.ts';
import { ScheduleProblem } from './problem.ts';
import { clockOf, type Zone } from './zone.ts';

/** How far croniter looks. */
const YEARS = 50;

/**
 * As Prefect does it: the expression counts on the zone's clock as if it never were set, and each reading is then looked up
 * in the zone. So an hour that comes twice counts once, and one that is left out is taken back by an hour.
 */
export function* cronOccurrences(
  { cron, dayOr }: { cron: string; dayOr: boolean },
  zone: Zone,
  { start, end, limit }: Window,
): Generator<Occurrence> {
  const expression = parseCron(cron);
  const hasFraction = start % MICROS !== 0;
  const from = atMoment(zone, hasFraction ? start : start - MICROS).clock;
  const endClock = end === null ? Number.POSITIVE_INFINITY : atMoment(zone, end).clock;
  const seen = new Set<number>();
  let clock = Math.floor(from / MICROS);
  for (let candidates = 0; candidates <= MAX_CANDIDATES + 1; candidates++) {
    clock = nextMatch(expression, clock, dayOr);
    const next = atClock(zone, clock * MICROS, 0);
    if (next.clock > endClock) return;
    if (!seen.has(next.clock)) {
      seen.add(next.clock);
      yield next;
    }
    if (seen.size >= limit) return;
  }
}

const ANY: CronField = { any: true, values: [], last: false };

/** Day of the month and day of the week: either of them is enough when both are given, unless `dayOr` is off. */
function nextMatch(expression: CronExpression, after: number, dayOr: boolean): number {
  const { fields, nths } = expression;
  if (!dayOr || fields[DAY]!.any || fields[WEEKDAY]!.any) return search(expression, after);
  const byDay = search({ fields: fields.with(WEEKDAY, ANY), nths }, after);
  const byWeekday = search({ fields: fields.with(DAY, ANY), nths }, after);
  return Math.min(byDay, byWeekday);
}

/** Goes from the year down to the second; whatever doesn't match moves on to the next that does, and begins again. */
function search(expression: CronExpression, after: number): number {
  const { fields } = expression;
  const hasSeconds = fields.length > 5;
  const at = new Date((after + (hasSeconds ? 1 : 60)) * 1000);
  const firstYear = at.getUTCFullYear();
  for (;;) {
    const year = at.getUTCFullYear();
    if (Math.abs(year - firstYear) > YEARS || year > 9999) break;
    const moved = moveToYear(fields[YEAR], at);
    if (moved === null) break;
    if (moved || moveToDay(expression, at) || moveToTime(fields, at)) continue;
    if (!hasSeconds) at.setUTCSeconds(0);
    return at.getTime() / 1000;
  }
  throw new ScheduleProblem('failed to find next date');
}

/** Null when no year is left. */
function moveToYear(field: CronField | undefined, at: Date): boolean | null {
  if (!field || field.any) return false;
  const year = at.getUTCFullYear();
  const next = field.values.find((value) => value >= year);
  if (next === undefined) return null;
  if (next !== year) setDate(at, next, 1, 1);
  return next !== year;
}

function moveToDay({ fields, nths }: CronExpression, at: Date): boolean {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const months = distance(fields[MONTH]!, month, 12);
  if (months !== 0) return setDate(at, year, month + months, 1);
  const length = daysIn(year, month);
  const days = distance(fields[DAY]!, day, length);
  if (days !== 0) return setDate(at, year, month, day + days);
  const weekdays =
    nths.size > 0 ? daysToNth(nths, at, length) : distance(fields[WEEKDAY]!, at.getUTCDay(), 7);
  return weekdays !== 0 && setDate(at, year, month, day + weekdays);
}

function moveToTime(fields: CronField[], at: Date): boolean {
  const hours = distance(fields[HOUR]!, at.getUTCHours(), 24);
  if (hours !== 0) {
    at.setUTCHours(at.getUTCHours() + hours, 0, 0);
    return true;
  }
  const minutes = distance(fields[MINUTE]!, at.getUTCMinutes(), 60);
  if (minutes !== 0) {
    at.setUTCMinutes(at.getUTCMinutes() + minutes, 0);
    return true;
  }
  const field = fields[SECOND];
  const seconds = field ? distance(field, at.getUTCSeconds(), 60) : 0;
  if (seconds !== 0) at.setUTCSeconds(at.getUTCSeconds() + seconds);
  return seconds !== 0;
}

/** How far it is to the next value, around the end of the field's range. */
function distance({ any, values, last }: CronField, from: number, range: number): number {
  if (any || (last && from === range)) return 0;
  const next = values.find((value) => value >= from);
  if (next !== undefined) return next - from;
  return last ? range - from : values[0]! - from + range;
}

/** Days to the next of the wanted weekdays in this month, or else to the next month. */
function daysToNth(nths: CronExpression['nths'], at: Date, length: number): number {
  const day = at.getUTCDate();
  const firstWeekday = (((at.getUTCDay() - (day - 1)) % 7) + 7) % 7;
  let best = length + 1;
  for (const [weekday, wanted] of nths) {
    const first = 1 + ((weekday - firstWeekday + 7) % 7);
    for (const nth of wanted) {
      const candidate = nth === 'last' ? first + 7 * Math.floor((length - first) / 7) : first + 7 * (nth - 1);
      if (candidate >= day && candidate < best) best = candidate;
    }
  }
  return best - day;
}

function setDate(at: Date, year: number, month: number, day: number): true {
  at.setTime(clockOf(year, month, day) * 1000);
  return true;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
