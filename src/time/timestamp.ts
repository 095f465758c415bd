/**
 * A moment in UTC with six digits, as Prefect writes it on the wire: `2026-11-21T02:24:57.929266Z`.
 * It is text everywhere in the server, so that microseconds never pass through `Date`; two of them compare as text.
 */
export type Timestamp = string;

const RFC3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

/** The current moment; its microseconds come from the monotonic clock, so that no two calls give the same one. */
export function now(): Timestamp {
  const micros = Math.max(Math.round((performance.timeOrigin + performance.now()) * 1000), lastMicros + 1);
  const wall = Date.now() * 1000;
  // The monotonic clock doesn't follow corrections of the wall clock (NTP, a laptop's sleep): re-anchor on a second's drift.
  lastMicros = Math.abs(wall - micros) > 1_000_000 ? wall : micros;
  return fromMicros(lastMicros);
}
let lastMicros = 0;

/** Microseconds since 1970 as a safe integer: exact for the years 1684 to 2255. */
export function toMicros(timestamp: Timestamp): number {
  return Date.parse(`${timestamp.slice(0, 19)}Z`) * 1000 + Number(timestamp.slice(20, 26));
}

export function fromMicros(micros: number): Timestamp {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** Seconds may have a fraction; the result is rounded to a microsecond. */
export function addSeconds(timestamp: Timestamp, seconds: number): Timestamp {
  return fromMicros(toMicros(timestamp) + Math.round(seconds * 1_000_000));
}

/** Seconds from `earlier` to `later`, with microseconds as the fraction; negative when they are the other way round. */
export function secondsBetween(earlier: Timestamp, later: Timestamp): number {
  return (toMicros(later) - toMicros(earlier)) / 1_000_000;
}

/** Reads RFC 3339 (a missing offset means UTC) and keeps six digits; null when it isn't a moment. */
export function parseTimestamp(text: string): Timestamp | null {
  const match = RFC3339.exec(text);
  if (!match) return null;
  const [, date, time, fraction = '', offset = 'Z'] = match;
  const whole = Date.parse(`${date}T${time}Z`);
  // Date.parse accepts the 30th of February and hour 24: a moment must come back as it was written.
  if (Number.isNaN(whole) || new Date(whole).toISOString().slice(0, 19) !== `${date}T${time}`) return null;
  const shifted = new Date(whole - offsetMinutes(offset) * 60_000);
  if (shifted.getUTCFullYear() < 1 || shifted.getUTCFullYear() > 9999) return null;
  return `${shifted.toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

function offsetMinutes(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0;
  const sign = offset[0] === '-' ? -1 : 1;
  return sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || 0));
}
