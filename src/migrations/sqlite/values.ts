import { fromMicros, parseTimestamp, toMicros } from '../../time/timestamp.ts';
import { type Canonical, type Codec, codec, integerFromText, type ValueKind } from '../values.ts';

type Stored = string | number | bigint | Uint8Array;

/**
 * What a column holds, by its declared type. An interval is declared as a timestamp is: only the twin on PostgreSQL knows.
 */
export function sqliteKind(declared: string): ValueKind {
  const type = declared.toUpperCase();
  if (type.startsWith('CHAR(36)') || type === 'UUID') return 'uuid';
  if (type.startsWith('DATETIME') || type.startsWith('TIMESTAMP')) return 'timestamp';
  if (type.startsWith('INTERVAL')) return 'interval';
  if (type.startsWith('JSON')) return 'json';
  if (type.startsWith('BOOL')) return 'boolean';
  if (type.startsWith('BIGINT') || type === 'INT8') return 'bigint';
  if (type.includes('INT')) return 'integer';
  if (type.includes('REAL') || type.includes('FLOA') || type.includes('DOUB')) return 'double';
  if (type.startsWith('NUMERIC') || type.startsWith('DECIMAL')) return 'numeric';
  if (type.includes('BLOB')) return 'bytes';
  return 'text';
}

export function sqliteCodec(kind: ValueKind): Codec {
  return CODECS[kind];
}

const same = (value: Stored): Canonical =>
  typeof value === 'bigint' ? integerFromText(String(value)) : (value as Canonical);

const CODECS: Record<ValueKind, Codec> = {
  text: codec('text', textOf, (value: Canonical) => value),
  uuid: codec('uuid', textOf, (value: string) => value.toLowerCase()),
  timestamp: codec('timestamp', timestampOf, storedTimestamp),
  interval: codec('interval', secondsOf, (seconds: number) =>
    storedTimestamp(fromMicros(Math.round(seconds * 1e6))),
  ),
  json: codec('json', textOf, storedJson),
  boolean: codec(
    'boolean',
    (value: number | bigint) => Number(value) !== 0,
    (value: boolean) => (value ? 1 : 0),
  ),
  integer: codec('integer', same, integerToStore),
  bigint: codec('bigint', same, integerToStore),
  double: codec(
    'double',
    (value: Stored) => (typeof value === 'bigint' ? Number(value) : (value as number)),
    (value: number) => value,
  ),
  numeric: codec('numeric', textOf, (value: string | number) => value),
  bytes: codec('bytes', same, (value: Uint8Array) => value),
};

/** Text that looks like a number is kept as bytes or as a number where the column's affinity would change it. */
function textOf(value: Stored): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
}

function timestampOf(value: Stored): Canonical {
  if (typeof value !== 'string') return same(value);
  if (value.length === 26) return `${value.slice(0, 10)}T${value.slice(11)}Z`;
  return parseTimestamp(value) ?? value;
}

/** A text of another length would compare wrongly with the others. */
function storedTimestamp(value: string): string {
  const full = value.length === 27 && value.endsWith('Z') ? value : parseTimestamp(value);
  return full === null ? value : `${full.slice(0, 10)} ${full.slice(11, 26)}`;
}

function secondsOf(value: Stored): Canonical {
  if (typeof value !== 'string') return Number(value);
  const moment = timestampOf(value) as string;
  return toMicros(moment) / 1e6;
}

const ZERO = 48;
const NINE = 57;
const MINUS = 45;

/** Of a text that is a number, the affinity of a JSON column would make a number: 1 of 1.0. Bytes it leaves alone. */
function storedJson(text: string): string | Buffer {
  const code = text.charCodeAt(0);
  if ((code >= ZERO && code <= NINE) || code === MINUS || /^\s+[-\d]/.test(text)) return Buffer.from(text);
  return text;
}

function integerToStore(value: string | number): number | bigint {
  return typeof value === 'string' ? BigInt(value) : value;
}
