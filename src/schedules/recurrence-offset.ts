/** Offsets for RRULEs, which Prefect leaves to dateutil: it reads zones in its own way, and we find the same moments. */
import { type Change, clockOf, resolveClock, type Zone } from './zone.ts';

const DAY = 86_400;

/** dateutil knows changes up to here, the end of 32-bit time; afterwards every zone keeps its standard time. */
const LAST_KNOWN = 2 ** 31;
const LAST_YEAR = 2037;

/** Where the time of winter is the exception: there dateutil takes the other offset for the standard. */
const STANDARD_IN_SUMMER = new Set(['Europe/Dublin', 'Eire', 'Africa/Casablanca', 'Africa/El_Aaiun']);

/** Seconds east of UTC at this reading of the clock. */
export function recurrenceOffset(zone: Zone, clock: number): number {
  const change = zone.changeNear(clock);
  if (clock > clockOf(LAST_YEAR, 1, 1) && isAfterLast(zone, clock)) return standardOffset(zone);
  if (!change) return zone.offsetAt(clock);
  const { at, before, after } = change;
  if (STANDARD_IN_SUMMER.has(zone.name))
    return clock < at + Math.max(before, after) + hour(change) ? before : after;
  // A clock that is set forward for good leaves out an hour; dateutil still counts it with the offset before.
  if (after > before && !isSummerTime(zone, change)) return clock < at + after ? before : after;
  return clock - resolveClock(zone, clock, 0).moment;
}

/** A clock that is set back shows the hour twice; dateutil counts the hour after it with the offset before, too. */
function hour({ before, after }: Change): number {
  return Math.max(0, before - after);
}

/** Summer time is taken back within the year. */
function isSummerTime(zone: Zone, { at, before }: Change): boolean {
  return zone.changeAfter(at, at + 330 * DAY)?.after === before;
}

/** Whether the last change that dateutil knows has come; with it, it takes the zone for one without changes. */
function isAfterLast(zone: Zone, clock: number): boolean {
  const year = clockOf(LAST_YEAR, 1, 1);
  let last: Change | null = null;
  for (let next = zone.changeAfter(year, LAST_KNOWN); next; next = zone.changeAfter(next.at, LAST_KNOWN))
    last = next;
  return last !== null && clock >= last.at + Math.min(last.before, last.after);
}

function standardOffset(zone: Zone): number {
  const [winter, summer] = [zone.offsetAt(clockOf(LAST_YEAR, 1, 1)), zone.offsetAt(clockOf(LAST_YEAR, 7, 1))];
  return STANDARD_IN_SUMMER.has(zone.name) ? Math.max(winter, summer) : Math.min(winter, summer);
}
