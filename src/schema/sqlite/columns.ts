/**
 * The kinds of columns, under the same names and with the same TypeScript types as in `../pg/columns.ts`. A column
 * takes its name from its property. SQL types and stored forms are those of Prefect's own databases.
 */

import { sql } from 'drizzle-orm';
import { customType } from 'drizzle-orm/sqlite-core';
import { JsonText, parseJson, stringifyJson } from '../../json/json.ts';
import { fromMicros, parseTimestamp, type Timestamp, toMicros } from '../../time/timestamp.ts';
import type { DeploymentStatus, StateType, WorkerStatus, WorkPoolStatus, WorkQueueStatus } from '../types.ts';

const plainText = <T extends string = string>(type: string) =>
  customType<{ data: T; driverData: string }>({ dataType: () => type });

export const varchar = plainText('VARCHAR');
export const text = plainText('TEXT');

export const state_type = plainText<StateType>('VARCHAR(9)');
export const deployment_status = plainText<DeploymentStatus>('VARCHAR(9)');
export const work_pool_status = plainText<WorkPoolStatus>('VARCHAR(9)');
export const work_queue_status = plainText<WorkQueueStatus>('VARCHAR(9)');
export const worker_status = plainText<WorkerStatus>('VARCHAR(7)');

export const integer = customType<{ data: number; driverData: number }>({ dataType: () => 'INTEGER' });
export const smallint = customType<{ data: number; driverData: number }>({ dataType: () => 'SMALLINT' });
export const float = customType<{ data: number; driverData: number }>({ dataType: () => 'FLOAT' });

export const boolean = customType<{ data: boolean; driverData: number }>({
  dataType: () => 'BOOLEAN',
  toDriver: (value) => (value ? 1 : 0),
  fromDriver: (value) => value !== 0,
});

/** Lowercase, because SQLite compares it as text. */
export const uuid = customType<{ data: string; driverData: string }>({
  dataType: () => 'CHAR(36)',
  toDriver: (value) => value.toLowerCase(),
});

/** Milliseconds are all that SQLite's clock gives; padded to six digits so that texts compare. */
export const currentTime = sql`(strftime('%Y-%m-%d %H:%M:%f000', 'now'))`;

/** Stored as `2026-11-21 02:24:57.929266`. */
export const timestamp = customType<{ data: Timestamp; driverData: string }>({
  dataType: () => 'DATETIME',
  toDriver: timestampToText,
  fromDriver: timestampFromText,
});

/** A shorter text would compare wrongly with the others: one without six digits is brought to them. */
function timestampToText(value: Timestamp): string {
  const full = value.length === 27 && value.endsWith('Z') ? value : parseTimestamp(value);
  if (full === null) throw new TypeError(`${value} isn't a moment in RFC 3339.`);
  return `${full.slice(0, 10)} ${full.slice(11, 26)}`;
}

function timestampFromText(text: string): Timestamp {
  if (text.length === 26) return `${text.slice(0, 10)}T${text.slice(11)}Z`;
  return parseTimestamp(text) ?? text;
}

/**
 * A duration in seconds, with microseconds as the fraction. Stored as the moment that long after 1970, as
 * `1970-01-01 00:00:05.000000`; the column's own default is a bare 0.
 */
export const interval = customType<{ data: number; driverData: string | number }>({
  dataType: () => 'DATETIME',
  toDriver: (seconds) => timestampToText(fromMicros(Math.round(seconds * 1e6))),
  fromDriver: (value) => (typeof value === 'number' ? value : toMicros(timestampFromText(value)) / 1e6),
});

type StoredJson = string | number | Uint8Array;

/**
 * A column of the type JSON has the affinity NUMERIC: of a text that is a number SQLite makes a number, 1 of 1.0.
 * Bytes it leaves alone, and Prefect reads them as well.
 */
const storedJson = (text: string): StoredJson => (/^\s*[-\d]/.test(text) ? Buffer.from(text) : text);

function jsonFromStored(stored: StoredJson): string {
  if (typeof stored === 'string') return stored;
  return typeof stored === 'number' ? String(stored) : Buffer.from(stored).toString();
}

/** JSON that the server itself reads. A null of JavaScript is stored as SQL's NULL. */
export const json = <T = unknown>() =>
  customType<{ data: T; driverData: StoredJson }>({
    dataType: () => 'JSON',
    toDriver: (value) => storedJson(stringifyJson(value)),
    fromDriver: (stored) => parseJson(jsonFromStored(stored)) as T,
  })();

/** JSON that belongs to the user and is only carried: text in, text out. */
export const jsonText = customType<{ data: JsonText; driverData: StoredJson }>({
  dataType: () => 'JSON',
  toDriver: (value) => storedJson(value.text),
  fromDriver: (stored) => new JsonText(jsonFromStored(stored)),
});

/** PostgreSQL has two types of JSON; here they are one. */
export const plainJson = json;
export const plainJsonText = jsonText;

const randomUuid = sql.raw(
  "(lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-' || " +
    "substr('89ab', abs(random()) % 4 + 1, 1) || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))))",
);

export const id = () => uuid().notNull().default(randomUuid);

export const created = () => timestamp().notNull().default(currentTime);

/** Set by every update that doesn't give a value, as in Prefect; an SQL expression, since a prepared query is built once. */
export const updated = () =>
  timestamp()
    .notNull()
    .default(currentTime)
    .$onUpdateFn(() => currentTime);
