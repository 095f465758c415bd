import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ScheduleProblem } from '../../src/schedules/problem.ts';
import { type Schedule, scheduledDates } from '../../src/schedules/schedule.ts';
import { cronProblem, rruleProblem } from '../../src/schedules/validation.ts';
import { type Case, cases } from './cases.ts';

/** What the real Prefect 3.8.8 said, as `record.ts` wrote it down. */
const expansions: (Case & { answer: string[] | 'invalid' | 'problem' })[] = JSON.parse(
  readFileSync(new URL('expansions.json', import.meta.url), 'utf8'),
);

function problemOf(schedule: Schedule): string | undefined {
  if ('cron' in schedule) return cronProblem(schedule.cron);
  return 'rrule' in schedule ? rruleProblem(schedule.rrule) : undefined;
}

function ours({ schedule, ...window }: Case): string[] | 'invalid' | 'problem' {
  if (problemOf(schedule) !== undefined) return 'invalid';
  try {
    return Array.from(scheduledDates(schedule, window), ({ local }) => local);
  } catch (error) {
    if (error instanceof ScheduleProblem) return 'problem';
    throw error;
  }
}

test('the record is of these cases', () => {
  expect(expansions.map(({ answer: _, ...one }) => one)).toEqual(cases);
  expect(cases.length).toBeGreaterThan(500);
});

test('every schedule gives the dates that it gives in Prefect, local time and order included', () => {
  const different = expansions.filter((one) => JSON.stringify(ours(one)) !== JSON.stringify(one.answer));
  expect(different.map((one) => ({ ...one, ours: ours(one) }))).toEqual([]);
});

test('what an answer is of: all three kinds, before, in and after changes of clocks, and what Prefect refuses', () => {
  const answered = expansions.filter(({ answer }) => Array.isArray(answer) && answer.length > 0);
  const zones = new Set(answered.map(({ schedule }) => schedule.timezone));
  expect(zones.size).toBeGreaterThan(10);
  expect(answered.length).toBeGreaterThan(800);
  expect(expansions.filter(({ answer }) => answer === 'invalid').length).toBeGreaterThan(100);
  expect(expansions.filter(({ answer }) => answer === 'problem').length).toBeGreaterThan(3);
});
