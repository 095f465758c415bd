/**
 * Reads cron expressions in the dialect of croniter, which Prefect uses: 5 fields, a sixth for seconds, a seventh for
 * years; names, `@daily` and its kin, `L`, `#`, `?`, and `R` for a random choice.
 */
import { ScheduleProblem } from './problem.ts';

export const [MINUTE, HOUR, DAY, MONTH, WEEKDAY, SECOND, YEAR] = [0, 1, 2, 3, 4, 5, 6] as const;

export interface CronField {
  /** Nothing to check. */
  any: boolean;
  /** Ascending. */
  values: number[];
  /** The last day of the month, too. */
  last: boolean;
}

/** Which of a weekday's occurrences in a month: the first to the fifth, or the last. */
export type Nth = number | 'last';

export interface CronExpression {
  /** In the order of the constants above. */
  fields: CronField[];
  nths: Map<number, Set<Nth>>;
}

const RANGES = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
  [0, 59],
  [1970, 2099],
] as const;

const ALIASES: Record<string, string> = {
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const [month, weekday] = [MONTHS.join('|'), WEEKDAYS.join('|')];
const NTH = new RegExp(
  `^(?:(?<days>(?:${weekday})(?:-(?:${weekday}))?|(?:${month})(?:-(?:${month}))?|\\w+)#|l)(?<number>\\d+)$`,
);
const RANGE = /^([^-]+)-([^-/]+)(?:\/(\d+))?$/;

/** @throws ScheduleProblem */
export function parseCron(text: string): CronExpression {
  const lower = text.toLowerCase();
  const columns = (ALIASES[lower] ?? lower).trim().split(/\s+/);
  if (columns.length < 5 || columns.length > 7)
    throw new ScheduleProblem('a cron expression has 5, 6 or 7 columns');
  const nths: CronExpression['nths'] = new Map();
  const fields = columns.map((column, index) => readField(column, index, columns, nths));
  refuseMixedWeekdays(fields[WEEKDAY]!, nths);
  return { fields, nths };
}

function readField(
  column: string,
  index: number,
  columns: string[],
  nths: CronExpression['nths'],
): CronField {
  const chosen = withoutQuestionMark(drawn(column, index), index);
  const found = new Set<number | '*' | 'l'>();
  for (const part of chosen.split(',')) {
    for (const [value, nth] of partValues(part, index, columns.length)) {
      found.add(value);
      if (nth === undefined) continue;
      const weekday = value as number;
      nths.set(weekday, (nths.get(weekday) ?? new Set()).add(nth));
    }
  }
  return {
    any: found.has('*') || (found.size === sizeOf(index) && mayMeanAll(index, columns)),
    values: [...found].filter((value) => typeof value === 'number').sort((a, b) => a - b),
    last: found.has('l'),
  };
}

function sizeOf(index: number): number {
  const [least, most] = RANGES[index]!;
  return most - least + 1;
}

/** All days of the month or of the week, written out, aren't the same as a star: the other of the two then decides less. */
function mayMeanAll(index: number, columns: string[]): boolean {
  if (index === DAY) return columns[WEEKDAY]!.includes('*');
  return index !== WEEKDAY || columns[DAY]!.includes('*');
}

function withoutQuestionMark(column: string, index: number): string {
  if (!column.includes('?')) return column;
  if (column === '?' && (index === DAY || index === WEEKDAY)) return '*';
  throw new ScheduleProblem('a question mark stands alone, for a day of the month or of the week');
}

const DRAW = /^(h|r)(?:\((\d+)-(\d+)\))?(?:\/(\d+))?$/;

/** `R(0-29)`, `R/15` and the like: a random choice, made anew each time that the expression is read. */
function drawn(column: string, index: number): string {
  const match = DRAW.exec(column);
  if (!match) return column;
  const [, kind, begin, end, divisor] = match;
  if (kind === 'h') throw new ScheduleProblem('hashed expressions have nothing to hash');
  const [least, most] = begin === undefined ? RANGES[index]! : [Number(begin), Number(end)];
  if (begin !== undefined && least >= most) throw new ScheduleProblem('a range ends after its beginning');
  if (divisor === undefined) return String(between(least, most));
  if (Number(divisor) === 0) throw new ScheduleProblem('a step is at least 1');
  return `${between(least, least + Number(divisor) - 1)}-${most}/${divisor}`;
}

function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}

type PartValue = [value: number | '*' | 'l', nth: Nth | undefined];

/** What one part between commas stands for. */
function partValues(part: string, index: number, columns: number): PartValue[] {
  const special = index === WEEKDAY ? NTH.exec(part)?.groups : undefined;
  const nth = special && nthOf(special);
  const text = special ? (special.days ?? special.number!) : part;
  const range = RANGE.exec(withRange(text, index)) ?? RANGE.exec(withEnd(text, index));
  if (!range) return [[singleValue(text, index, columns), nth]];
  return rangeValues(range, index, columns).map((value) => {
    const [least, most] = RANGES[index]!;
    if (value < least || value > most) throw new ScheduleProblem(`${value} is out of range`);
    return [value, nth];
  });
}

function nthOf({ days, number }: Record<string, string | undefined>): Nth {
  if (days === undefined) return 'last';
  const nth = Number(number);
  if (nth < 1 || nth > 5) throw new ScheduleProblem(`a month has no ${nth}th weekday`);
  return nth;
}

/** A star with a step, as the range that it means. */
function withRange(text: string, index: number): string {
  const [least, most] = RANGES[index]!;
  return text.replace(/^\*(\/.+)$/, `${least}-${most}$1`);
}

/** A beginning with a step goes on to the end. */
function withEnd(text: string, index: number): string {
  return text.replace(/^(.+)\/(.+)$/, `$1-${RANGES[index]![1]}/$2`);
}

function rangeValues(range: RegExpExecArray, index: number, columns: number): number[] {
  const [, first, end, stepText = '1'] = range;
  const isMonthsEnd = index === DAY && end === 'l';
  const low = aliased(numberOf(first!, index), index, columns);
  const high = aliased(isMonthsEnd ? 31 : numberOf(end!, index), index, columns);
  const [least, most] = RANGES[index]!;
  const step = Number(stepText);
  if (step === 0) throw new ScheduleProblem('a step is at least 1');
  if (Math.max(low, high) > most) throw new ScheduleProblem(`${Math.max(low, high)} is out of range`);
  // From a day to itself is once around.
  if (low === high) return steps(least, most, step);
  if (low < high) return steps(low, high, step);
  const before = steps(low, most, step);
  const left = most - before.at(-1)!;
  const goesOn = before.at(-1)! - least + step > most - least + 1 && left < step;
  return [...before, ...steps(least + (goesOn ? step - left : 0), high, step)];
}

function steps(from: number, to: number, step: number): number[] {
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

function singleValue(text: string, index: number, columns: number): number | '*' | 'l' {
  if (text === '*') return '*';
  if (text === 'l' && index === DAY) return 'l';
  const value = aliased(numberOf(text, index), index, columns);
  const [least, most] = RANGES[index]!;
  if (value < least || value > most) throw new ScheduleProblem(`${value} is out of range`);
  return value;
}

function numberOf(text: string, index: number): number {
  if (/^\d+$/.test(text)) return Number(text);
  const names = index === MONTH ? MONTHS : index === WEEKDAY ? WEEKDAYS : [];
  const at = names.indexOf(text);
  if (at < 0) throw new ScheduleProblem(`${text} is no value of this column`);
  return index === MONTH ? at + 1 : at;
}

/** Sunday may be 7 where there are five columns; the zeroth of a month is the first where there are six. */
function aliased(value: number, index: number, columns: number): number {
  if (index === WEEKDAY && value === 7 && columns === 5) return 0;
  if (index === DAY && value === 0 && columns === 6) return 1;
  return value;
}

function refuseMixedWeekdays({ any, values }: CronField, nths: CronExpression['nths']): void {
  if (nths.size === 0 || any || values.length === 7) return;
  if (values.some((value) => !nths.has(value)))
    throw new ScheduleProblem('weekdays with and without # are not mixed');
}
