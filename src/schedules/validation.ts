/** What is wrong with a schedule's text, in Prefect's words; undefined when nothing is. */
import { parseCron } from './cron-expression.ts';
import { ScheduleProblem } from './problem.ts';
import { DEFAULT_START } from './rrule.ts';
import { parseRRule, type RuleSetText } from './rrule-text.ts';
import { buildRule } from './rule.ts';
import { Zone } from './zone.ts';

export function cronProblem(cron: string): string | undefined {
  if (problemOf(() => parseCron(cron)) !== undefined) return `Invalid cron string: "${cron}"`;
  const isRandom = cron.split(/\s+/).some((column) => /^[rh]$/i.test(column));
  return isRandom ? `Random and Hashed expressions are unsupported, received: "${cron}"` : undefined;
}

/** About a year of dates. */
const MAX_RRULE_LENGTH = 6500;

export function rruleProblem(rrule: string): string | undefined {
  const problem = problemOf(() => {
    const { start, rules, exceptions } = parseRRule(rrule);
    for (const rule of [...rules, ...exceptions]) buildRule(rule, start?.clock ?? DEFAULT_START);
  });
  if (problem !== undefined) return `Invalid RRule string "${rrule}": ${problem}`;
  if (rrule.length <= MAX_RRULE_LENGTH) return undefined;
  return `Invalid RRule string "${rrule.slice(0, 40)}..."\nMax length is ${MAX_RRULE_LENGTH}, got ${rrule.length}`;
}

function problemOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleProblem) return error.message;
    throw error;
  }
}

/**
 * A rule with its beginning in it, as Prefect stores it; `now` is seconds since 1970. A rule that goes by minutes or seconds
 * without an end of its own begins lately, in step with the beginning of 2020, which would be millions of steps ago.
 */
export function withStart(rrule: string, timezone: string | null, now: number): string {
  if (rrule.toUpperCase().includes('DTSTART')) return rrule;
  const set = parseRRule(rrule);
  // There the zones of beginning and end wouldn't agree.
  if ([...set.rules, ...set.exceptions].some(({ until }) => until?.hasZone)) return rrule;
  return `DTSTART:${startText(lateStart(set, timezone, now) ?? DEFAULT_START)}\n${rrule}`;
}

function lateStart({ rules, isSet }: RuleSetText, timezone: string | null, now: number): number | null {
  const { frequency, interval, count } = rules[0] ?? {};
  if (isSet || !interval || interval < 0 || count !== null) return null;
  if (frequency !== 'MINUTELY' && frequency !== 'SECONDLY') return null;
  const period = interval * (frequency === 'MINUTELY' ? 60 : 1);
  const passed = Math.floor(Zone.named(timezone ?? 'UTC').clockAt(now)) - DEFAULT_START;
  return passed > 0 ? DEFAULT_START + Math.floor(passed / period) * period : null;
}

function startText(clock: number): string {
  return new Date(clock * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
}
