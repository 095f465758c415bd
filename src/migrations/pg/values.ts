import { withoutExponents } from '../../json/exponents.ts';
import { endOfTime, secondsFromInterval } from '../../schema/pg/columns.ts';
import { parseTimestamp } from '../../time/timestamp.ts';
import { type Canonical, type Codec, codec, integerFromText, type ValueKind } from '../values.ts';

const KINDS: Record<string, ValueKind> = {
  uuid: 'uuid',
  'timestamp with time zone': 'timestamp',
  'timestamp without time zone': 'timestamp',
  interval: 'interval',
  json: 'json',
  jsonb: 'json',
  boolean: 'boolean',
  smallint: 'integer',
  integer: 'integer',
  bigint: 'bigint',
  real: 'double',
  'double precision': 'double',
  numeric: 'numeric',
  bytea: 'bytes',
};

/** By the name that `format_type` gives a type; what isn't known (enums, arrays) is its text. */
export function pgKind(type: string): ValueKind {
  return KINDS[type.replace(/\(\d+(?:,\d+)?\)/, '')] ?? 'text';
}

/** Between PostgreSQL's own text, which is what the server sends and reads, and canonical values; sessions run in UTC. */
export function pgCodec(type: string): Codec {
  if (type === 'jsonb') return JSONB;
  return CODECS[pgKind(type)];
}

const asText = (value: string): string => value;

const CODECS: Record<ValueKind, Codec> = {
  text: codec('text', asText, String),
  uuid: codec('uuid', asText, asText),
  timestamp: codec('timestamp', timestampOf, asText),
  interval: codec('interval', secondsOf, (seconds: number) => `${seconds.toFixed(6)} seconds`),
  json: codec('json', asText, asText),
  boolean: codec(
    'boolean',
    (text: string) => text === 't',
    (value: boolean) => (value ? 't' : 'f'),
  ),
  integer: codec('integer', Number, String),
  bigint: codec('bigint', integerFromText, String),
  double: codec('double', Number, (value: number) => (Object.is(value, -0) ? '-0' : String(value))),
  numeric: codec('numeric', asText, String),
  bytes: codec(
    'bytes',
    (text: string) => Buffer.from(text.slice(2), 'hex'),
    (value: Uint8Array) => `\\x${Buffer.from(value).toString('hex')}`,
  ),
};

const JSONB = codec('json', asText, withoutExponents);

/** PostgreSQL leaves out the zeros at the end of a fraction. */
function timestampOf(text: string): Canonical {
  const { length } = text;
  if (length === 29 && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, 26)}Z`;
  if (length === 26 && text[19] === '.' && !text.endsWith('+00'))
    return `${text.slice(0, 10)}T${text.slice(11)}Z`;
  if (length === 22 && text.endsWith('+00')) return `${text.slice(0, 10)}T${text.slice(11, 19)}.000000Z`;
  return parseTimestamp(text) ?? endOfTime(text) ?? text;
}

const COLON = 58;

/** `00:00:05.25`, as nearly all are, without a regular expression. */
function secondsOf(text: string): number {
  if (text.charCodeAt(2) !== COLON || text.charCodeAt(5) !== COLON) return secondsFromInterval(text);
  const whole = Number(text.slice(0, 2)) * 3600 + Number(text.slice(3, 5)) * 60;
  return Math.round((whole + Number(text.slice(6))) * 1e6) / 1e6;
}
