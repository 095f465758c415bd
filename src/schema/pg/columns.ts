/**
 * The kinds of columns, under the same names and with the same TypeScript types as in `../sqlite/columns.ts`. A
 * column takes its name from its property. The driver hands text through unparsed; sessions run in UTC.
 */

import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { customType, uuid } from 'drizzle-orm/pg-core';
import { withoutExponents } from '../../json/exponents.ts';
import { JsonText, parseJson, stringifyJson } from '../../json/json.ts';
import { parseTimestamp, type Timestamp } from '../../time/timestamp.ts';

export {
  boolean,
  doublePrecision as float,
  integer,
  smallint,
  text,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
export {
  deployment_status,
  state_type,
  work_pool_status,
  work_queue_status,
  worker_status,
} from './enums.ts';

/** The start of the current transaction. */
export const currentTime = sql`CURRENT_TIMESTAMP`;

export const timestamp = customType<{ data: Timestamp; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  toDriver: (value) => value,
  fromDriver: timestampFromText,
});

/** PostgreSQL leaves out the zeros at the end of a fraction. */
function timestampFromText(text: string): Timestamp {
  if (text.length === 29 && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, 26)}Z`;
  return parseTimestamp(text) ?? endOfTime(text) ?? text;
}

/** Prefect's driver writes Python's first and last moment so, and reads these as them. */
const ENDS: Record<string, Timestamp> = {
  '-infinity': '0001-01-01T00:00:00.000000Z',
  infinity: '9999-12-31T23:59:59.999999Z',
};

export const endOfTime = (text: string): Timestamp | undefined => ENDS[text];

/** A duration in seconds, with microseconds as the fraction. */
export const interval = customType<{ data: number; driverData: string }>({
  dataType: () => 'interval',
  toDriver: (seconds) => `${seconds.toFixed(6)} seconds`,
  fromDriver: secondsFromInterval,
});

/** No writer makes an interval of months; PostgreSQL's own EXTRACT(epoch) counts them as here. */
const SECONDS_IN = { year: 31_557_600, mon: 2_592_000, day: 86_400 };

/** Reads PostgreSQL's own spelling of an interval, as `-1 days +02:03:04.5`. */
export function secondsFromInterval(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/([+-]?\d+) (year|mon|day)s?/g)) {
    seconds += Number(amount) * SECONDS_IN[unit as keyof typeof SECONDS_IN];
  }
  const time = /([+-]?)(\d+):(\d+):(\d+(?:\.\d+)?)/.exec(text);
  if (!time) return seconds;
  const [, sign, hours, minutes, rest] = time;
  const clock = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
  return Math.round((seconds + (sign === '-' ? -clock : clock)) * 1e6) / 1e6;
}

/** JSON that the server itself reads. A null of JavaScript is stored as SQL's NULL. */
export const json = <T = unknown>() =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'jsonb',
    toDriver: (value) => withoutExponents(stringifyJson(value)),
    fromDriver: (text) => parseJson(text) as T,
  })();

/** JSON that belongs to the user and is only carried: text in, text out. */
export const jsonText = customType<{ data: JsonText; driverData: string }>({
  dataType: () => 'jsonb',
  toDriver: (value) => withoutExponents(value.text),
  fromDriver: (text) => new JsonText(text),
});

/** As `json`, of the type `json` instead of `jsonb`: where Prefect has it. */
export const plainJson = <T = unknown>() =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'json',
    toDriver: stringifyJson,
    fromDriver: (text) => parseJson(text) as T,
  })();

/** As `jsonText`, of the type `json` instead of `jsonb`. */
export const plainJsonText = customType<{ data: JsonText; driverData: string }>({
  dataType: () => 'json',
  toDriver: (value) => value.text,
  fromDriver: (text) => new JsonText(text),
});

export const id = () => uuid().notNull().default(sql`gen_random_uuid()`);

export const created = () => timestamp().notNull().default(currentTime);

/** Set by every update that doesn't give a value, as in Prefect; an SQL expression, since a prepared query is built once. */
export const updated = () =>
  timestamp()
    .notNull()
    .default(currentTime)
    .$onUpdateFn(() => currentTime);

/** The last key of an index, followed by columns to INCLUDE. drizzle-kit knows no INCLUDE, but prints an expression as it stands. */
export const including = (lastKey: SQL, ...columns: SQLWrapper[]): SQL =>
  sql`${lastKey}) INCLUDE (${sql.join(columns, sql`, `)}`;
