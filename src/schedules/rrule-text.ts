/** Reads RRULE texts as dateutil does: one rule, or a set of lines with RRULE, RDATE, EXRULE, EXDATE and DTSTART. */
import { ScheduleProblem } from './problem.ts';
import { clockOf } from './zone.ts';

export const FREQUENCIES = [
  'YEARLY',
  'MONTHLY',
  'WEEKLY',
  'DAILY',
  'HOURLY',
  'MINUTELY',
  'SECONDLY',
] as const;
export type Frequency = (typeof FREQUENCIES)[number];

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

const LISTS = [
  'BYSETPOS',
  'BYMONTH',
  'BYMONTHDAY',
  'BYYEARDAY',
  'BYEASTER',
  'BYWEEKNO',
  'BYHOUR',
  'BYMINUTE',
  'BYSECOND',
] as const;
type ListName = (typeof LISTS)[number];

/** A moment as it is written: what the clock shows, and whether a zone was named. */
export interface Written {
  clock: number;
  hasZone: boolean;
}

/** A weekday from 0 for Monday; with `nth` the nth of the month or year, from its end when negative. */
export interface RuleDay {
  weekday: number;
  nth: number | null;
}

export interface RuleText {
  frequency: Frequency;
  interval: number;
  count: number | null;
  until: Written | null;
  /** 0 for Monday. */
  weekStart: number;
  days: RuleDay[] | null;
  lists: Partial<Record<ListName, number[]>>;
}

export interface RuleSetText {
  start: Written | null;
  rules: RuleText[];
  exceptions: RuleText[];
  dates: Written[];
  exceptionDates: Written[];
  /** Whether there is more than one plain rule. */
  isSet: boolean;
}

/** @throws ScheduleProblem */
export function parseRRule(text: string): RuleSetText {
  const upper = text.toUpperCase();
  const lines = upper.split(/\s+/).filter((line) => line !== '');
  if (lines.length === 0) throw new ScheduleProblem('empty string');
  const set: RuleSetText = {
    start: null,
    rules: [],
    exceptions: [],
    dates: [],
    exceptionDates: [],
    isSet: false,
  };
  if (lines.length === 1 && (!upper.includes(':') || upper.startsWith('RRULE:'))) {
    set.rules.push(readRule(lines[0]!.replace(/^RRULE:/, '')));
  } else for (const line of lines) readLine(line, set);
  set.isSet =
    set.rules.length > 1 || [set.exceptions, set.dates, set.exceptionDates].some((one) => one.length > 0);
  if (!set.isSet && set.rules.length === 0) throw new ScheduleProblem('there is no rule');
  for (const rule of [...set.rules, ...set.exceptions]) refuseZoneMismatch(rule, set.start);
  return set;
}

function readLine(line: string, set: RuleSetText): void {
  const colon = line.indexOf(':');
  const [name, ...parameters] = colon < 0 ? ['RRULE'] : line.slice(0, colon).split(';');
  const value = line.slice(colon + 1);
  switch (name) {
    case 'RRULE':
    case 'EXRULE':
      refuseParameters(name, parameters, []);
      (name === 'RRULE' ? set.rules : set.exceptions).push(readRule(value.replace(/^RRULE:/, '')));
      return;
    case 'RDATE':
      refuseParameters(name, parameters, ['VALUE=DATE-TIME']);
      set.dates.push(...value.split(',').map((date) => readDate(date)));
      return;
    case 'EXDATE':
      set.exceptionDates.push(...readDates(value, parameters));
      return;
    case 'DTSTART': {
      const dates = readDates(value, parameters);
      if (dates.length !== 1) throw new ScheduleProblem(`Multiple DTSTART values specified:${value}`);
      set.start = dates[0]!;
      return;
    }
    default:
      throw new ScheduleProblem(`unsupported property: ${name}`);
  }
}

function refuseParameters(name: string, parameters: string[], allowed: string[]): void {
  const other = parameters.find((parameter) => !allowed.includes(parameter));
  if (other !== undefined) throw new ScheduleProblem(`unsupported ${name} parm: ${other}`);
}

function readDates(value: string, parameters: string[]): Written[] {
  const zone = parameters.some((parameter) => parameter.startsWith('TZID='));
  const others = parameters.filter((parameter) => !parameter.startsWith('TZID='));
  refuseParameters('date', others, ['VALUE=DATE-TIME', 'VALUE=DATE']);
  if (others.length > 1) throw new ScheduleProblem(`Duplicate value parameter found in: ${others[1]}`);
  return value.split(',').map((text) => {
    const date = readDate(text);
    if (zone && date.hasZone) throw new ScheduleProblem('DTSTART/EXDATE specifies multiple timezone');
    return { clock: date.clock, hasZone: zone || date.hasZone };
  });
}

const DATE =
  /^(?<year>\d{4})-?(?<month>\d{2})-?(?<day>\d{2})(?:T?(?<hour>\d{2}):?(?<minute>\d{2})(?::?(?<second>\d{2})(?:\.\d+)?)?)?(?<zone>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?$/;

function readDate(text: string): Written {
  const parts = DATE.exec(text)?.groups;
  const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(
    (part) => Number(parts?.[part] ?? 0),
  ) as [number, number, number, number, number, number];
  const midnight = clockOf(year, month, day);
  // The 30th of February would become the 2nd of March.
  const isReal = new Date(midnight * 1000).getUTCDate() === day && month >= 1 && month <= 12;
  if (!parts || year < 1 || !isReal || hour > 23 || minute > 59 || second > 59)
    throw new ScheduleProblem(`Unknown string format: ${text}`);
  return { clock: midnight + hour * 3600 + minute * 60 + second, hasZone: parts.zone !== undefined };
}

function readRule(text: string): RuleText {
  const rule: RuleText = {
    frequency: 'DAILY',
    interval: 1,
    count: null,
    until: null,
    weekStart: 0,
    days: null,
    lists: {},
  };
  let hasFrequency = false;
  // What dateutil takes for the end of a name: an UNTIL with colons in its time is none.
  if (text.includes(':')) throw new ScheduleProblem(`unknown parameter name: ${text.split(':')[0]}`);
  for (const pair of text.split(';')) {
    const [name, value, ...more] = pair.split('=');
    if (value === undefined || more.length > 0) throw new ScheduleProblem(`invalid pair: ${pair}`);
    hasFrequency ||= name === 'FREQ';
    readMember(rule, name!, value);
  }
  if (!hasFrequency) throw new ScheduleProblem('a rule needs FREQ');
  refuseImpossible(rule);
  return rule;
}

function readMember(rule: RuleText, name: string, value: string): void {
  const invalid = new ScheduleProblem(`invalid '${name}': ${value}`);
  if (name === 'FREQ') {
    const frequency = FREQUENCIES.find((one) => one === value);
    if (!frequency) throw invalid;
    rule.frequency = frequency;
  } else if (name === 'WKST') {
    rule.weekStart = WEEKDAYS.indexOf(value);
    if (rule.weekStart < 0) throw invalid;
  } else if (name === 'INTERVAL') rule.interval = integer(value, invalid);
  else if (name === 'COUNT') rule.count = integer(value, invalid);
  else if (name === 'UNTIL') rule.until = readUntil(value, invalid);
  else if (name === 'BYDAY' || name === 'BYWEEKDAY')
    rule.days = value.split(',').map((day) => readDay(day, invalid));
  else if ((LISTS as readonly string[]).includes(name))
    rule.lists[name as ListName] = value.split(',').map((one) => integer(one, invalid));
  else throw new ScheduleProblem(`unknown parameter '${name}'`);
}

function readUntil(value: string, invalid: ScheduleProblem): Written {
  try {
    return readDate(value);
  } catch {
    throw invalid;
  }
}

function integer(text: string, invalid: ScheduleProblem): number {
  if (!/^[+-]?\d+(?:_\d+)*$/.test(text)) throw invalid;
  return Number(text.replaceAll('_', ''));
}

/** `MO`, `+1MO`, `MO(+1)`. */
function readDay(text: string, invalid: ScheduleProblem): RuleDay {
  const match = /^([+-]?\d+)?([A-Z]{2})(?:\(([+-]?\d+)\))?$/.exec(text);
  if (!match || (match[1] !== undefined && match[3] !== undefined)) throw invalid;
  const weekday = WEEKDAYS.indexOf(match[2]!);
  const nth = match[1] ?? match[3];
  if (weekday < 0 || Number(nth) === 0) throw invalid;
  return { weekday, nth: nth === undefined ? null : Number(nth) };
}

function refuseImpossible({ frequency, lists }: RuleText): void {
  if (lists.BYSETPOS?.some((position) => position === 0 || Math.abs(position) > 366))
    throw new ScheduleProblem('bysetpos must be between 1 and 366, or between -366 and -1');
  if (FREQUENCIES.indexOf(frequency) >= FREQUENCIES.indexOf('HOURLY')) return;
  const outside = (values: number[] | undefined, most: number) =>
    values?.some((value) => value < 0 || value > most);
  if (outside(lists.BYHOUR, 23) || outside(lists.BYMINUTE, 59) || outside(lists.BYSECOND, 59))
    throw new ScheduleProblem('hour must be in 0..23, minute and second in 0..59');
}

function refuseZoneMismatch({ until }: RuleText, start: Written | null): void {
  if (until && start && until.hasZone !== start.hasZone)
    throw new ScheduleProblem('RRULE UNTIL values must be specified in UTC when DTSTART is timezone-aware');
}
