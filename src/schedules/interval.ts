import { atClock, atMoment, MAX_CANDIDATES, MICROS, type Occurrence, type Window } from './occurrence.ts';
import type { Zone } from './zone.ts';

const DAY = 86_400;

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
  const steps = Math.trunc((start - anchor) / MICROS / interval);
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
  return atClock(zone, from.clock + days * DAY * MICROS + toMicros(seconds), 1);
}

/** Seconds with a fraction, to the microsecond; the whole and the fraction apart, since their product is inexact. */
function toMicros(seconds: number): number {
  const whole = Math.floor(seconds);
  return whole * MICROS + Math.round((seconds - whole) * MICROS);
}
