import { resolveClock, type Zone } from './zone.ts';

const SECOND = 1_000_000;
const DAY = 86_400;
const MAX_CANDIDATES = 1000;

/** A moment and what the clocks of a zone show then, in microseconds. */
export interface Occurrence {
  moment: number;
  clock: number;
}

export interface Window {
  /** Microseconds since 1970: no occurrence before `start`, none after `end`. */
  start: number;
  end: number | null;
  limit: number;
}

/**
 * Steps of `interval` seconds from an anchor. As in Prefect, whole days are steps of the clock and all else steps of time;
 * and moments are compared and told apart by what the clock shows, so that of an hour that comes twice one is left out.
 */
export function* intervalOccurrences(
  { interval, anchor }: { interval: number; anchor: number },
  zone: Zone,
  { start, end, limit }: Window,
): Generator<Occurrence> {
  const days = Math.floor(interval / DAY);
  const seconds = interval - days * DAY;
  const steps = Math.trunc((start - anchor) / SECOND / interval);
  let next = atMoment(zone, anchor + toMicros(interval * steps));
  const startClock = atMoment(zone, start).clock;
  while (next.clock < startClock) next = step(zone, next, days, seconds);

  const endClock = end === null ? Number.POSITIVE_INFINITY : atMoment(zone, end).clock;
  const seen = new Set<number>();
  for (let candidates = 0; next.clock <= endClock; candidates++) {
    if (!seen.has(next.clock)) {
      seen.add(next.clock);
      yield next;
    }
    if (seen.size >= limit || candidates > MAX_CANDIDATES) return;
    next = step(zone, next, days, seconds);
  }
}

function step(zone: Zone, from: Occurrence, days: number, seconds: number): Occurrence {
  if (days === 0) return atMoment(zone, from.moment + toMicros(seconds));
  return atClock(zone, from.clock + days * DAY * SECOND + toMicros(seconds), 1);
}

/** Seconds with a fraction, to the microsecond; the whole and the fraction apart, since their product is inexact. */
function toMicros(seconds: number): number {
  const whole = Math.floor(seconds);
  return whole * SECOND + Math.round((seconds - whole) * SECOND);
}

export function atMoment(zone: Zone, moment: number): Occurrence {
  return { moment, clock: moment + zone.offsetAt(Math.floor(moment / SECOND)) * SECOND };
}

export function atClock(zone: Zone, clock: number, fold: 0 | 1): Occurrence {
  const whole = Math.floor(clock / SECOND);
  const fraction = clock - whole * SECOND;
  const local = resolveClock(zone, whole, fold);
  return { moment: local.moment * SECOND + fraction, clock: local.clock * SECOND + fraction };
}
