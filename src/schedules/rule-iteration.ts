/** Walks through a rule's occurrences as dateutil does, on the clock alone; zones come later. */
import { ScheduleProblem } from './problem.ts';
import { isFinerThan, type Rule } from './rule.ts';
import { RuleYear } from './rule-year.ts';
import { clockOf } from './zone.ts';

const DAY = 86_400;
const UNITS = { WEEKLY: 7 * DAY, DAILY: DAY, HOURLY: 3600, MINUTELY: 60, SECONDLY: 1 } as const;

/** More fruitless steps than any rule needs that has a next occurrence; the server's one thread does nothing else meanwhile. */
const MAX_STEPS = 400_000;
/** What a step costs, where an occurrence that nobody wants or a time of day that is passed over costs one. */
const STEP = 50;

/** How long a next date is looked for, by all rules of a text together, those of its exceptions included. */
export class Patience {
  private left = MAX_STEPS * STEP;

  /** @throws ScheduleProblem when it is over */
  spend(cost: number): void {
    this.left -= cost;
    if (this.left < 0) throw new ScheduleProblem(`nothing comes of it within ${MAX_STEPS} steps`);
  }

  /** After each date that was found. */
  restore(): void {
    this.left = MAX_STEPS * STEP;
  }
}

/** Occurrences (clocks, in seconds), in order. Those before `from` and after `to` may be missing. */
export function* ruleOccurrences(
  original: Rule,
  from: number,
  to: number,
  patience: Patience,
): Generator<number> {
  if (original.interval <= 0) throw new ScheduleProblem('an interval is at least 1');
  const rule = jump(original, from);
  const walk = new Walk(rule, patience);
  let left = rule.count ?? Number.POSITIVE_INFINITY;
  do {
    patience.spend(STEP);
    for (const clock of walk.occurrences()) {
      if (rule.until !== null && clock > rule.until) return;
      if (clock < rule.start) continue;
      if (--left < 0) return;
      patience.spend(1);
      yield clock;
    }
  } while (walk.next() && walk.begins() <= to);
}

/**
 * The same rule begun later, though well before `from`: what it gives from there on is the same, since all of its steps are
 * equal. Months and years aren't, but they are few. A rule that counts can only jump when every step is an occurrence.
 */
function jump(rule: Rule, from: number): Rule {
  const { frequency, interval, start, count } = rule;
  if (frequency === 'YEARLY' || frequency === 'MONTHLY') return rule;
  const unit = UNITS[frequency] * interval;
  // A week that begins in its middle isn't like the others.
  const margin = unit + (frequency === 'WEEKLY' ? 9 * DAY : 0);
  const steps = Math.floor((from - start - margin) / unit);
  if (steps <= 0 || (count !== null && !isPlain(rule))) return rule;
  const left = count === null ? null : Math.max(0, count - steps);
  return { ...rule, start: start + steps * unit, count: left };
}

/** Whether every step from the beginning on is an occurrence. */
function isPlain({ frequency, positions, months, weeks, yearDays, monthDays, fromMonthsEnd, ...rule }: Rule) {
  const { weekdays, nthWeekdays, easter, hours, minutes, seconds } = rule;
  const isFine = (own: 'HOURLY' | 'MINUTELY' | 'SECONDLY', times: number[] | null) =>
    times === null || (isFinerThan(own, frequency) && times.length === 1);
  const days = [positions, months, weeks, yearDays, weekdays, nthWeekdays, easter].every(
    (one) => one === null,
  );
  return (
    days &&
    monthDays.size + fromMonthsEnd.size === 0 &&
    isFine('HOURLY', hours) &&
    isFine('MINUTELY', minutes) &&
    isFine('SECONDLY', seconds)
  );
}

/** Where the walk is: a period (a year, a month, a week, a day, an hour ...), whose occurrences come together. */
class Walk {
  private readonly rule: Rule;
  private year: RuleYear;
  private month: number;
  /** Of the month; while stepping beyond its end. */
  private day: number;
  private weekday: number;
  private hour: number;
  private minute: number;
  private second: number;
  /** Times of day of the current period, in seconds. */
  private times: number[];
  private hasFiltered = false;
  private readonly patience: Patience;

  constructor(rule: Rule, patience: Patience) {
    const at = new Date(rule.start * 1000);
    this.rule = rule;
    this.patience = patience;
    this.year = new RuleYear(rule, at.getUTCFullYear());
    this.month = at.getUTCMonth() + 1;
    this.day = at.getUTCDate();
    this.weekday = (at.getUTCDay() + 6) % 7;
    [this.hour, this.minute, this.second] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
    this.year.enter(this.month);
    this.times = isFinerThan(rule.frequency, 'DAILY') && !this.isWantedTime() ? [] : this.timesNow();
  }

  occurrences(): number[] {
    const [first, end] = this.dayRange();
    const days: number[] = [];
    for (let day = first; day < end; day++) if (this.year.matches(day)) days.push(day);
    this.hasFiltered = days.length < end - first;
    const { positions } = this.rule;
    if (positions && this.times.length > 0) return this.atPositions(days, positions);
    return days.flatMap((day) => this.times.map((time) => this.year.start + day * DAY + time));
  }

  /** Midnight of the period's first day. */
  begins(): number {
    return this.year.start + this.dayRange()[0] * DAY;
  }

  private atPositions(days: number[], positions: number[]): number[] {
    const found = new Set<number>();
    for (const position of positions) {
      const index = position < 0 ? position : position - 1;
      const { length } = this.times;
      const day = days.at(Math.floor(index / length));
      if (day === undefined) continue;
      found.add(this.year.start + day * DAY + this.times[((index % length) + length) % length]!);
    }
    return [...found].sort((a, b) => a - b);
  }

  /** Days of the current period, counted from the year's first, up to but without the last number. */
  private dayRange(): [number, number] {
    const { frequency, weekStart } = this.rule;
    if (frequency === 'YEARLY') return [0, this.year.length];
    if (frequency === 'MONTHLY') return this.year.monthDays(this.month);
    const day = this.year.dayOf(this.month, this.day);
    let end = day + 1;
    if (frequency === 'WEEKLY') while (end < day + 7 && this.year.weekdayOf(end) !== weekStart) end++;
    return [day, end];
  }

  private isWantedTime(): boolean {
    const { frequency, hours, minutes, seconds } = this.rule;
    if (hours && !hours.includes(this.hour)) return false;
    if (frequency !== 'HOURLY' && minutes && !minutes.includes(this.minute)) return false;
    return frequency !== 'SECONDLY' || !seconds || seconds.includes(this.second);
  }

  private timesNow(): number[] {
    const { frequency } = this.rule;
    const isAtLeast = (own: 'HOURLY' | 'MINUTELY' | 'SECONDLY') => !isFinerThan(own, frequency);
    const hours = isAtLeast('HOURLY') ? [this.hour] : this.rule.hours!;
    const minutes = isAtLeast('MINUTELY') ? [this.minute] : this.rule.minutes!;
    const seconds = isAtLeast('SECONDLY') ? [this.second] : this.rule.seconds!;
    return hours
      .flatMap((hour) =>
        minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
      )
      .sort((a, b) => a - b);
  }

  /** False when time ends, with the year 9999. */
  next(): boolean {
    const { frequency, interval } = this.rule;
    if (frequency === 'YEARLY') return this.enter(this.year.year + interval, this.month);
    if (frequency === 'MONTHLY') return this.enter(this.year.year, this.month + interval);
    if (frequency === 'WEEKLY') {
      this.day += interval * 7 - ((this.weekday - this.rule.weekStart + 7) % 7);
      this.weekday = this.rule.weekStart;
    } else if (frequency === 'DAILY') this.day += interval;
    else {
      this.nextTime();
      this.times = this.timesNow();
    }
    return this.settle();
  }

  private enter(year: number, month: number): boolean {
    const months = month - 1;
    const next = year + Math.floor(months / 12);
    if (next > 9999) return false;
    if (next !== this.year.year) this.year = new RuleYear(this.rule, next);
    this.month = (months % 12) + 1;
    this.year.enter(this.month);
    return true;
  }

  /** Carries days beyond the month's end into the months after it. */
  private settle(): boolean {
    if (this.day <= 28) return true;
    const at = new Date((clockOf(this.year.year, this.month, 1) + (this.day - 1) * DAY) * 1000);
    this.day = at.getUTCDate();
    return this.enter(at.getUTCFullYear(), at.getUTCMonth() + 1);
  }

  /** Steps by the interval until hour, minute and second are wanted ones; out of a day without occurrences at once. */
  private nextTime(): void {
    const { frequency, interval } = this.rule;
    const unit = UNITS[frequency as 'HOURLY' | 'MINUTELY' | 'SECONDLY'];
    const perDay = DAY / unit;
    let now = Math.floor((this.hour * 3600 + this.minute * 60 + this.second) / unit);
    if (this.hasFiltered) now += Math.floor((perDay - 1 - now) / interval) * interval;
    for (let tries = 0; tries <= perDay; tries++) {
      now += interval;
      this.setTime(now % perDay, unit);
      if (!this.isWantedTime()) continue;
      this.day += Math.floor(now / perDay);
      this.patience.spend(tries);
      return;
    }
    throw new ScheduleProblem('interval, hours, minutes and seconds never come together');
  }

  private setTime(time: number, unit: number): void {
    const seconds = time * unit;
    this.hour = Math.floor(seconds / 3600);
    if (unit < 3600) this.minute = Math.floor(seconds / 60) % 60;
    if (unit < 60) this.second = seconds % 60;
  }
}
