import { ScheduleProblem } from './problem.ts';
import { FREQUENCIES, type Frequency, type RuleText } from './rrule-text.ts';

/** One recurrence rule, with what its beginning says where its text says nothing. */
export interface Rule {
  frequency: Frequency;
  interval: number;
  count: number | null;
  /** Clocks, in whole seconds. */
  until: number | null;
  start: number;
  weekStart: number;
  positions: number[] | null;
  months: Set<number> | null;
  weeks: Set<number> | null;
  yearDays: Set<number> | null;
  monthDays: Set<number>;
  fromMonthsEnd: Set<number>;
  weekdays: Set<number> | null;
  nthWeekdays: { weekday: number; nth: number }[] | null;
  easter: number[] | null;
  /** Ascending; null where the frequency goes through all of them. */
  hours: number[] | null;
  minutes: number[] | null;
  seconds: number[] | null;
}

export function isFinerThan(frequency: Frequency, other: Frequency): boolean {
  return FREQUENCIES.indexOf(frequency) > FREQUENCIES.indexOf(other);
}

/** @throws ScheduleProblem */
export function buildRule(text: RuleText, start: number): Rule {
  const { frequency, interval, lists } = text;
  const at = new Date(start * 1000);
  const { months, monthDays, days } = withDaysOfStart(text, at);
  const clock = { frequency, interval };
  refuseNoTimes(text);
  return {
    frequency,
    interval,
    count: text.count,
    until: text.until?.clock ?? null,
    start,
    weekStart: text.weekStart,
    positions: lists.BYSETPOS ?? null,
    months: setOf(months),
    weeks: setOf(lists.BYWEEKNO),
    yearDays: setOf(lists.BYYEARDAY),
    monthDays: new Set(monthDays?.filter((day) => day > 0)),
    fromMonthsEnd: new Set(monthDays?.filter((day) => day < 0)),
    ...weekdaysOf(frequency, days),
    easter: lists.BYEASTER ?? null,
    hours: timesOf(clock, 'HOURLY', lists.BYHOUR, at.getUTCHours(), 24),
    minutes: timesOf(clock, 'MINUTELY', lists.BYMINUTE, at.getUTCMinutes(), 60),
    seconds: timesOf(clock, 'SECONDLY', lists.BYSECOND, at.getUTCSeconds(), 60),
  };
}

function setOf(values: number[] | null | undefined): Set<number> | null {
  return values ? new Set([...values].sort((a, b) => a - b)) : null;
}

/** A rule that says nothing of days means the beginning's. */
function withDaysOfStart({ frequency, lists, days }: RuleText, start: Date) {
  const { BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYEASTER, BYMONTH } = lists;
  const given = { months: BYMONTH ?? null, monthDays: BYMONTHDAY ?? null, days };
  if (BYWEEKNO || BYYEARDAY || BYMONTHDAY || BYEASTER || days) return given;
  const monthDays = [start.getUTCDate()];
  if (frequency === 'YEARLY') return { ...given, months: BYMONTH ?? [start.getUTCMonth() + 1], monthDays };
  if (frequency === 'MONTHLY') return { ...given, monthDays };
  if (frequency === 'WEEKLY')
    return { ...given, days: [{ weekday: (start.getUTCDay() + 6) % 7, nth: null }] };
  return given;
}

/** The nth weekday is one of a month or a year; a rule of shorter steps takes any. */
function weekdaysOf(frequency: Frequency, days: RuleText['days']): Pick<Rule, 'weekdays' | 'nthWeekdays'> {
  const isNth = ({ nth }: { nth: number | null }) => nth !== null && !isFinerThan(frequency, 'MONTHLY');
  const plain = days?.filter((day) => !isNth(day)).map(({ weekday }) => weekday) ?? [];
  const nths = days?.filter(isNth).map(({ weekday, nth }) => ({ weekday, nth: nth! })) ?? [];
  return { weekdays: plain.length > 0 ? new Set(plain) : null, nthWeekdays: nths.length > 0 ? nths : null };
}

/** Hours, minutes or seconds: those given, or the beginning's where the frequency is coarser than they are. */
function timesOf(
  { frequency, interval }: Pick<Rule, 'frequency' | 'interval'>,
  own: Frequency,
  given: number[] | undefined,
  start: number,
  base: number,
): number[] | null {
  if (!given) return isFinerThan(own, frequency) ? [start] : null;
  const step = frequency === own ? commonDivisor(interval, base) : 1;
  const values = given.filter((value) => (value - start) % step === 0);
  if (values.length === 0) throw new ScheduleProblem('Invalid rrule byxxx generates an empty set.');
  return [...new Set(values)].sort((a, b) => a - b);
}

/** Those of the frequency's own unit and coarser ones are only compared; the finer ones make a time of day. */
function refuseNoTimes({ frequency, lists }: RuleText): void {
  const outside = (own: Frequency, values: number[] | undefined, most: number) =>
    isFinerThan(own, frequency) && values?.some((value) => value < 0 || value > most);
  if (outside('MINUTELY', lists.BYMINUTE, 59) || outside('SECONDLY', lists.BYSECOND, 59))
    throw new ScheduleProblem('minute and second must be in 0..59');
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : commonDivisor(b, a % b);
}
