import { atMoment, MAX_CANDIDATES, MICROS, type Occurrence, type Window } from './occurrence.ts';
import { ScheduleProblem } from './problem.ts';
import { recurrenceOffset } from './recurrence-offset.ts';
import { parseRRule, type RuleText } from './rrule-text.ts';
import { buildRule } from './rule.ts';
import { Patience, ruleOccurrences } from './rule-iteration.ts';
import { clockOf, type Zone } from './zone.ts';

const DAY = 86_400;

/** Where a rule begins that doesn't say. */
export const DEFAULT_START = clockOf(2020, 1, 1);

/** Occurrences of an RRULE text, whose dates all count on the clock of the schedule's zone, whatever zone they name. */
export function* rruleOccurrences(
  text: string,
  zone: Zone,
  { start, end, limit }: Window,
): Generator<Occurrence> {
  const from = atMoment(zone, start).clock / MICROS - DAY;
  const to = end === null ? Number.POSITIVE_INFINITY : atMoment(zone, end).clock / MICROS + DAY;
  const seen = new Set<number>();
  const patience = new Patience();
  let candidates = 0;
  for (const clock of setOccurrences(text, from, to, patience)) {
    const moment = (clock - recurrenceOffset(zone, clock)) * MICROS;
    if (moment < start) continue;
    if (end !== null && moment > end) return;
    patience.restore();
    const next = atMoment(zone, moment);
    if (!seen.has(next.clock)) {
      seen.add(next.clock);
      yield next;
    }
    if (seen.size >= limit || candidates++ > MAX_CANDIDATES) return;
  }
}

/** Clocks in seconds; those before `from` and after `to` don't matter. */
function* setOccurrences(text: string, from: number, to: number, patience: Patience): Generator<number> {
  const set = parseRRule(text);
  const start = set.start?.clock ?? DEFAULT_START;
  const walk = (rule: RuleText) => {
    if (set.start === null && rule.until?.hasZone)
      throw new ScheduleProblem(
        'UNTIL in UTC needs a DTSTART in UTC, too: add one, or take the Z from UNTIL',
      );
    return ruleOccurrences(buildRule(rule, start), from, to, patience);
  };
  const rules = set.rules.map(walk);
  if (!set.isSet) {
    yield* rules[0]!;
    return;
  }
  const written = (dates: { clock: number }[]) => dates.map(({ clock }) => clock).sort((a, b) => a - b);
  const included = merged([written(set.dates), ...rules]);
  const excluded = merged([written(set.exceptionDates), ...set.exceptions.map(walk)]);
  let exception = excluded.next();
  let last: number | undefined;
  for (const clock of included) {
    if (clock === last) continue;
    last = clock;
    while (!exception.done && exception.value < clock) exception = excluded.next();
    if (exception.done || exception.value !== clock) yield clock;
  }
}

/** Several ascending sequences as one. */
function* merged(sequences: Iterable<number>[]): Generator<number> {
  const heads = sequences.map((sequence) => {
    const iterator = sequence[Symbol.iterator]();
    return { iterator, head: iterator.next() };
  });
  for (;;) {
    let least: (typeof heads)[number] | undefined;
    for (const one of heads) if (!one.head.done && (!least || one.head.value < least.head.value)) least = one;
    if (!least) return;
    yield least.head.value;
    least.head = least.iterator.next();
  }
}
