import { resolveClock, type Zone } from './zone.ts';

/** A second in microseconds. */
export const MICROS = 1_000_000;

/** How many candidates Prefect looks at, whether anything comes of them or not. */
export const MAX_CANDIDATES = 1000;

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

export function atMoment(zone: Zone, moment: number): Occurrence {
  return { moment, clock: moment + zone.offsetAt(Math.floor(moment / MICROS)) * MICROS };
}

export function atClock(zone: Zone, clock: number, fold: 0 | 1): Occurrence {
  const whole = Math.floor(clock / MICROS);
  const fraction = clock - whole * MICROS;
  const local = resolveClock(zone, whole, fold);
  return { moment: local.moment * MICROS + fraction, clock: local.clock * MICROS + fraction };
}
