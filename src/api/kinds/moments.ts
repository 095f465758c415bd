import { JsonNumber } from '../../json/json.ts';
import { fromMicros, now, parseTimestamp, type Timestamp } from '../../time/timestamp.ts';
import { type Kind, kind, type Read, refuse, refuseValue } from './kind.ts';

/** Above it a number counts milliseconds, as in pydantic. */
const MILLISECONDS_FROM = 2e10;

/** A day or more away from UTC. */
const IMPOSSIBLE_OFFSET = /:\d{2}(?:[.,]\d+)?\s*[+-](?:2[4-9]|[3-9]\d)(?::?\d{2})?$/;

/** The year 10000, in seconds. */
const END_OF_TIME = 253_402_300_800;

/**
 * A moment: RFC 3339 (no offset means UTC), a date, an ISO week or day of the year, or a number of seconds since 1970.
 * Prefect's own DateTime answers with value_error, where pydantic's would say datetime_parsing.
 */
export function timestamp(): Kind<Timestamp> {
  const read: Read<Timestamp> = (value, issues) => {
    if (typeof value === 'string') {
      const moment = IMPOSSIBLE_OFFSET.test(value) ? null : (parseTimestamp(value) ?? parseLoosely(value));
      return moment ?? refuseValue(issues, `Unable to parse string [${value}]`, value);
    }
    const moment =
      typeof value === 'number' || value instanceof JsonNumber ? fromUnix(value.valueOf()) : null;
    return moment ?? refuse(issues, 'value_error', 'value is not a valid datetime', value);
  };
  return kind(read, { type: 'string', format: 'date-time' });
}

const PLAIN =
  /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)|\d{4}-\d{2}-\d{2}(?:[Tt _]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?)$/;

/** A moment as pydantic itself reads datetime, where Prefect doesn't use its own DateTime. No offset means UTC. */
export function datetime(): Kind<Timestamp> {
  const prefects = timestamp();
  const read: Read<Timestamp> = (value, issues) => {
    const isNumber = typeof value === 'number' || value instanceof JsonNumber;
    const moment =
      isNumber || (typeof value === 'string' && PLAIN.test(value)) ? prefects.read(value, []) : undefined;
    if (moment !== undefined) return moment;
    const message = 'Input should be a valid datetime';
    if (isNumber) {
      const error = 'dates after 9999 are not supported as unix timestamps';
      return refuse(issues, 'datetime_parsing', `${message}, ${error}`, value, { error });
    }
    if (typeof value !== 'string') return refuse(issues, 'datetime_type', message, value);
    const error = value.length < 10 ? 'input is too short' : 'unexpected characters in the input';
    return refuse(issues, 'datetime_from_date_parsing', `${message} or date, ${error}`, value, { error });
  };
  return kind(read, prefects.schema);
}

function fromUnix(number: number): Timestamp | null {
  const seconds = Math.abs(number) > MILLISECONDS_FROM ? number / 1000 : number;
  if (!(seconds < END_OF_TIME && seconds >= -62_135_596_800)) return null;
  const whole = Math.floor(seconds);
  return fromMicros(whole * 1_000_000 + Math.round((seconds - whole) * 1_000_000));
}

const DATE = String.raw`(?<year>\d{4})(?:-(?<month>\d{2})(?:-(?<day>\d{2}))?|(?<mmdd>\d{4})(?=T)|-?W(?<week>\d{2})(?:-?(?<weekday>[1-7]))?|-(?<ordinal>\d{3}))`;
const TIME = String.raw`(?<hour>\d{2})(?::?(?<minute>\d{2})(?::?(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?)?`;
const LOOSE = new RegExp(`^${DATE}(?:[Tt _]${TIME}(?<offset>[Zz]|[+-]\\d{2}(?::?\\d{2})?)?)?$`);

/** The spellings beside RFC 3339 that Prefect's DateTime understands. */
function parseLoosely(text: string): Timestamp | null {
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text)) return fromUnix(Number(text));
  if (text === 'now') return now();
  const clock = /^(\d{1,2}:\d{2})(:\d{2}(?:\.\d+)?)?$/.exec(text);
  if (clock)
    return parseTimestamp(`${now().slice(0, 10)}T${clock[1]!.padStart(5, '0')}${clock[2] ?? ':00'}Z`);
  const parts = LOOSE.exec(text)?.groups;
  if (!parts) return null;
  const date = dateOf(parts);
  const { hour = '00', minute = '00', second = '00', fraction = '0', offset = 'Z' } = parts;
  return date && parseTimestamp(`${date}T${hour}:${minute}:${second}.${fraction.slice(0, 6)}${offset}`);
}

function dateOf(parts: Record<string, string | undefined>): string | null {
  const { year, month, day, mmdd, week, weekday, ordinal } = parts;
  if (month) return `${year}-${month}-${day ?? '01'}`;
  if (mmdd) return `${year}-${mmdd.slice(0, 2)}-${mmdd.slice(2)}`;
  const january4 = new Date(`${year}-01-04T00:00:00Z`);
  const monday = 4 - ((january4.getUTCDay() + 6) % 7);
  const dayOfYear = ordinal ? Number(ordinal) : monday + (Number(week) - 1) * 7 + Number(weekday ?? 1) - 1;
  if (ordinal ? dayOfYear < 1 || dayOfYear > 366 : Number(week) < 1 || Number(week) > 53) return null;
  const date = new Date(Date.UTC(Number(year), 0, dayOfYear)).toISOString().slice(0, 10);
  return ordinal && !date.startsWith(year!) ? null : date;
}

const UNIT_SECONDS = {
  years: 31_536_000,
  months: 2_592_000,
  weeks: 604_800,
  days: 86_400,
  hours: 3600,
  minutes: 60,
  seconds: 1,
};
const AMOUNT = String.raw`\d+(?:[.,]\d+)?`;
const ISO_DURATION = new RegExp(
  `^(?<sign>[+-])?P(?=.*\\d)(?:(?<years>${AMOUNT})Y)?(?:(?<months>${AMOUNT})M)?(?:(?<weeks>${AMOUNT})W)?(?:(?<days>${AMOUNT})D)?(?:T(?:(?<hours>${AMOUNT})H)?(?:(?<minutes>${AMOUNT})M)?(?:(?<seconds>${AMOUNT})S)?)?$`,
);
const CLOCK_DURATION =
  /^(?<sign>[+-])?(?:(?<days>\d+) ?d(?:ays?)?,? ?)?(?:(?<hours>\d{2,}|\d(?=:..:)):(?<minutes>[0-5]\d)(?::(?<seconds>[0-5]\d(?:\.\d+)?))?)?$/i;
/** A whole day short of 10^9 is still fine. */
const TOO_LONG = 1_000_000_000 * 86_400;

/** A duration: a number of seconds, an ISO 8601 duration or a clock reading; seconds, to the microsecond, in the server. */
export function duration(): Kind<number> {
  const read: Read<number> = (value, issues) => {
    const seconds = secondsOf(value);
    if (seconds === undefined)
      return refuse(issues, 'time_delta_type', 'Input should be a valid timedelta', value);
    if (Math.abs(seconds) < TOO_LONG) return toMicroseconds(seconds);
    const error = Number.isNaN(seconds)
      ? durationProblem(value)
      : 'durations may not exceed 999,999,999 days';
    return refuse(issues, 'time_delta_parsing', `Input should be a valid timedelta, ${error}`, value, {
      error,
    });
  };
  return kind(read, { type: 'string', format: 'duration' });
}

/** Whole seconds stay as they are: millions of years have more microseconds than a number can count. */
const toMicroseconds = (seconds: number): number =>
  Number.isInteger(seconds) ? seconds : Math.round(seconds * 1e6) / 1e6;

/** NaN for a text that is none, undefined for what can't be one. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof JsonNumber) return value.valueOf();
  if (typeof value !== 'string') return undefined;
  const parts = (ISO_DURATION.exec(value) ?? CLOCK_DURATION.exec(value))?.groups;
  if (!parts || /^[+-]?$/.test(value)) return Number.NaN;
  let total = 0;
  for (const [unit, seconds] of Object.entries(UNIT_SECONDS)) {
    if (parts[unit]) total += Number(parts[unit].replace(',', '.')) * seconds;
  }
  return parts.sign === '-' ? -total : total;
}

function durationProblem(value: unknown): string {
  return /^[+-]?(?:PT?)?$/.test(String(value)) ? 'input is too short' : 'invalid digit in duration';
}
