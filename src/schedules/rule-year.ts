import type { Rule } from './rule.ts';
import { clockOf } from './zone.ts';

const DAY = 86_400;

/**
 * A year as a rule sees it: its days from 0, and seven of the next year for weeks that go across. What a rule asks of days
 * by week, by nth weekday and by Easter is worked out here, since it needs the whole year or month.
 */
export class RuleYear {
  readonly year: number;
  readonly length: number;
  readonly nextLength: number;
  /** Clock of the first day's midnight. */
  readonly start: number;
  readonly firstWeekday: number;
  private readonly rule: Rule;
  private readonly months: number[];
  private readonly inWeeks: Set<number> | null;
  private readonly easterDays: Set<number> | null;
  private nthDays: Set<number> | null = null;
  private nthMonth = 0;

  constructor(rule: Rule, year: number) {
    this.rule = rule;
    this.year = year;
    this.start = clockOf(year, 1, 1);
    this.length = (clockOf(year + 1, 1, 1) - this.start) / DAY;
    this.nextLength = (clockOf(year + 2, 1, 1) - clockOf(year + 1, 1, 1)) / DAY;
    this.firstWeekday = (((this.start / DAY + 3) % 7) + 7) % 7;
    this.months = Array.from({ length: 13 }, (_, i) => (clockOf(year, i + 1, 1) - this.start) / DAY);
    this.inWeeks = rule.weeks ? daysOfWeeks(this, rule.weeks, rule.weekStart) : null;
    this.easterDays = rule.easter ? this.daysOfEaster(rule.easter) : null;
  }

  weekdayOf(day: number): number {
    return (this.firstWeekday + day) % 7;
  }

  /** The days of a month, from the first up to but without the last number. */
  monthDays(month: number): [number, number] {
    return [this.months[month - 1]!, this.months[month]!];
  }

  dayOf(month: number, day: number): number {
    return this.months[month - 1]! + day - 1;
  }

  /** Rules by nth weekday look at the month they are in. */
  enter(month: number): void {
    if (!this.rule.nthWeekdays || this.nthMonth === month) return;
    this.nthMonth = month;
    this.nthDays = this.daysOfNths(month);
  }

  matches(day: number): boolean {
    const { months, weekdays, monthDays, fromMonthsEnd, yearDays } = this.rule;
    const { month, ofMonth, monthLength } = this.place(day);
    if (months && !months.has(month)) return false;
    if (this.inWeeks && !this.inWeeks.has(day)) return false;
    if (weekdays && !weekdays.has(this.weekdayOf(day))) return false;
    if (this.nthDays && !this.nthDays.has(day)) return false;
    if (this.easterDays && !this.easterDays.has(day)) return false;
    if (monthDays.size + fromMonthsEnd.size > 0) {
      if (!monthDays.has(ofMonth) && !fromMonthsEnd.has(ofMonth - monthLength - 1)) return false;
    }
    return !yearDays || this.isYearDay(day, yearDays);
  }

  private isYearDay(day: number, wanted: Set<number>): boolean {
    const [ofYear, length] = day < this.length ? [day, this.length] : [day - this.length, this.nextLength];
    return wanted.has(ofYear + 1) || wanted.has(ofYear - length);
  }

  private place(day: number): { month: number; ofMonth: number; monthLength: number } {
    if (day >= this.length) return { month: 1, ofMonth: day - this.length + 1, monthLength: 31 };
    let month = Math.min(12, Math.floor(day / 28) + 1);
    while (this.months[month - 1]! > day) month--;
    const [first, end] = this.monthDays(month);
    return { month, ofMonth: day - first + 1, monthLength: end - first };
  }

  private daysOfNths(month: number): Set<number> | null {
    const { frequency, months, nthWeekdays } = this.rule;
    const isYearly = frequency === 'YEARLY';
    if (!isYearly && frequency !== 'MONTHLY') return null;
    const whole: [number, number][] = [[0, this.length]];
    const ranges = !isYearly
      ? [this.monthDays(month)]
      : months
        ? [...months].filter((one) => one >= 1 && one <= 12).map((one) => this.monthDays(one))
        : whole;
    const days = new Set<number>();
    for (const [first, end] of ranges) {
      for (const { weekday, nth } of nthWeekdays!) {
        const day = nth < 0 ? this.nthFromEnd(end - 1, weekday, nth) : this.nthFrom(first, weekday, nth);
        if (day >= first && day < end) days.add(day);
      }
    }
    return days;
  }

  private nthFrom(first: number, weekday: number, nth: number): number {
    return first + (nth - 1) * 7 + ((7 - this.weekdayOf(first) + weekday) % 7);
  }

  private nthFromEnd(last: number, weekday: number, nth: number): number {
    return last + (nth + 1) * 7 - ((this.weekdayOf(last) - weekday + 7) % 7);
  }

  private daysOfEaster(offsets: number[]): Set<number> {
    const easter = easterDay(this);
    const size = this.length + 7;
    return new Set(offsets.map((offset) => (easter + offset < 0 ? easter + offset + size : easter + offset)));
  }
}

/** Which days of a year lie in these weeks: week 1 is the first with four days in the year. */
function daysOfWeeks(year: RuleYear, weeks: Set<number>, weekStart: number): Set<number> {
  const days = new Set<number>();
  const firstStart = (7 - year.firstWeekday + weekStart) % 7;
  const first = firstStart >= 4 ? 0 : firstStart;
  const span = firstStart >= 4 ? year.length + mod7(year.firstWeekday - weekStart) : year.length - first;
  const count = Math.floor(span / 7) + Math.floor((span % 7) / 4);
  const startOf = (week: number) =>
    first + (week - 1) * 7 - (first !== firstStart && week > 1 ? 7 - firstStart : 0);
  const addWeek = (start: number) => {
    let day = start;
    do days.add(day++);
    while (day < start + 7 && year.weekdayOf(day) !== weekStart);
  };
  for (const week of weeks) {
    const number = week < 0 ? week + count + 1 : week;
    if (number > 0 && number <= count) addWeek(startOf(number));
  }
  const next = startOf(count + 1);
  if (weeks.has(1) && next < year.length) addWeek(next);
  if (first > 0 && weeks.has(weeks.has(-1) ? -1 : lastWeekBefore(year, weekStart, first)))
    for (let day = 0; day < first; day++) days.add(day);
  return days;
}

/** The number of the week in which the year begins, counted in the year before. */
function lastWeekBefore(year: RuleYear, weekStart: number, first: number): number {
  const beforeStart = clockOf(year.year - 1, 1, 1);
  const length = (year.start - beforeStart) / DAY;
  const weekday = mod7(beforeStart / DAY + 3);
  const start = (7 - weekday + weekStart) % 7;
  const days = start >= 4 ? length + mod7(weekday - weekStart) : year.length - first;
  return 52 + Math.floor((days % 7) / 4);
}

function mod7(number: number): number {
  return ((number % 7) + 7) % 7;
}

/** Gauss's and Meeus's way to the Sunday after the first full moon of spring. */
function easterDay({ year, start }: RuleYear): number {
  const moon = year % 19;
  const [century, rest] = [Math.floor(year / 100), year % 100];
  const [quarter, leap] = [Math.floor(century / 4), century % 4];
  const shift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const full = (19 * moon + century - quarter - shift + 15) % 30;
  const sunday = (32 + 2 * leap + 2 * Math.floor(rest / 4) - full - (rest % 4)) % 7;
  const late = Math.floor((moon + 11 * full + 22 * sunday) / 451);
  const sum = full + sunday - 7 * late + 114;
  return (clockOf(year, Math.floor(sum / 31), (sum % 31) + 1) - start) / DAY;
}
