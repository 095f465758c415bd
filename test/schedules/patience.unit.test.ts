import { expect, test } from 'vitest';
import { scheduledDates } from '../../src/schedules/schedule.ts';

const dates = (rrule: string, limit = 3) =>
  Array.from(
    scheduledDates({ rrule, timezone: 'UTC' }, { after: '2026-11-22T00:00:00.000000Z', limit }),
    ({ at }) => at,
  );

test.each([
  // 2,900,000 days until the year 9999, each taken back again.
  'RRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY',
  // Each step looks at the seconds of a day.
  'FREQ=SECONDLY;BYHOUR=3;BYMINUTE=3;BYSECOND=3;BYMONTH=2;BYMONTHDAY=30',
  // Each of them alone would be given up after a while; all of them together take no longer.
  'DTSTART:00010101T000000\nRRULE:FREQ=SECONDLY;COUNT=99999999;BYDAY=MO\n'.repeat(50),
])(
  'a rule that nothing comes of is given up soon',
  (rrule) => {
    expect(() => dates(rrule)).toThrow('nothing comes of it within 400000 steps');
  },
  10_000,
);

test('a rule whose dates are far apart, or many and taken back, is not', () => {
  expect(dates('FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=TU')).toEqual(
    ['2028-02-29', '2056-02-29', '2084-02-29'].map((day) => `${day}T00:00:00.000000Z`),
  );
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const quarters = `FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMINUTE=0,15,30,45;BYHOUR=${hours}`;
  expect(dates(`DTSTART:19700101T000000\nRRULE:${quarters}`)[2]).toBe('2026-11-22T00:30:00.000000Z');
  const workdays = 'RRULE:FREQ=MINUTELY\nEXRULE:FREQ=MINUTELY;BYDAY=SU,MO';
  expect(dates(workdays)[0]).toBe('2026-11-24T00:00:00.000000Z');
});
