/** Schedules and windows that are expanded by the real Prefect and by us. */

import type { Schedule } from '../../src/schedules/schedule.ts';
import { Zone } from '../../src/schedules/zone.ts';
import { addSeconds, fromMicros } from '../../src/time/timestamp.ts';

export interface Case {
  schedule: Schedule;
  after: string;
  before?: string;
  limit: number;
}

const ZONES = [
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Europe/London',
  'Europe/Dublin',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
];
const ANCHOR = '2025-12-31T12:30:00Z';

/** Every change of these zones' clocks in three years, with schedules of each kind before, in and after it. */
function changes(): Case[] {
  return ZONES.flatMap((timezone) => {
    const zone = Zone.named(timezone);
    const end = Date.UTC(2029, 0, 1) / 1000;
    const cases: Case[] = [];
    for (
      let change = zone.changeAfter(Date.UTC(2026, 0, 1) / 1000, end);
      change;
      change = zone.changeAfter(change.at, end)
    ) {
      const at = fromMicros(change.at * 1_000_000);
      const wall = new Date((change.at + Math.min(change.before, change.after)) * 1000);
      cases.push(...aroundChange(timezone, at, wall.getUTCHours()));
    }
    return cases;
  });
}

function aroundChange(timezone: string, at: string, hour: number): Case[] {
  const interval = (seconds: number): Schedule => ({ interval: seconds, anchor_date: ANCHOR, timezone });
  const cron = (text: string): Schedule => ({ cron: text, timezone, day_or: true });
  const rrule = (text: string): Schedule => ({ rrule: text, timezone });
  const next = (hour + 1) % 24;
  return [
    { schedule: interval(1800), after: addSeconds(at, -5400), limit: 9 },
    { schedule: interval(86_400), after: addSeconds(at, -100_000), limit: 4 },
    {
      schedule: interval(90_000),
      after: addSeconds(at, -200_000),
      before: addSeconds(at, 180_000),
      limit: 9,
    },
    { schedule: cron('*/20 * * * *'), after: addSeconds(at, -3000), before: addSeconds(at, 7200), limit: 20 },
    { schedule: cron(`15,45 ${hour},${next} * * *`), after: addSeconds(at, -90_000), limit: 12 },
    { schedule: cron('30 * * * *'), after: addSeconds(at, 1), limit: 4 },
    {
      schedule: rrule('DTSTART:20251231T001000\nFREQ=MINUTELY;INTERVAL=20'),
      after: addSeconds(at, -3000),
      before: addSeconds(at, 7200),
      limit: 20,
    },
    {
      schedule: rrule(`FREQ=DAILY;BYHOUR=${hour},${next};BYMINUTE=15,45`),
      after: addSeconds(at, -90_000),
      limit: 12,
    },
    { schedule: rrule('DTSTART:20250101T003000\nFREQ=HOURLY'), after: addSeconds(at, -7200), limit: 6 },
  ];
}

const CRONS = [
  '* * * * *',
  '*/5 * * * *',
  '0 9 * * 1-5',
  '0 0 29 2 *',
  '0 0 l * *',
  '0 0 L 2 *',
  '0 0 31 * *',
  '0 0 30,31 * *',
  '0 0 1,30 * *',
  '0 0 15,l * *',
  '0 0 * * l5',
  '0 0 * * L7',
  '0 0 * * 1#1',
  '0 0 * * mon#5',
  '0 0 * * mon-wed#2',
  '0 0 13 * 5',
  '0 0 1-7 * mon',
  '0 0 1 * 2#1',
  '30 4 1,15 * 5',
  '0 22 * * 1-5',
  '23 0-20/2 * * *',
  '5 4 * * sun',
  '0 0 * * 7',
  '0 0 * * 5-7',
  '0 0 * * sat-sun',
  '0 0 * * sun-sun',
  '0 0 * nov-feb/2 *',
  '0 0 1 jan,jul *',
  '0 0 ? * 1',
  '0 0 1 * ?',
  '@daily',
  '@midnight',
  '@hourly',
  '@weekly',
  '@monthly',
  '@yearly',
  '@annually',
  '* * * * * */15',
  '0 0 * * * 30',
  '0 0 1 1 * 0 2030',
  '0 12 * * * 0 2028-2030/2',
  '0 0 29 2 * 0 2029',
  '5/20 * * * *',
  '0 0 1-l * *',
  '0 0 1 1 * 0 2026',
  '0 0 0 * * 0',
  '59 23 31 12 *',
  '0 0 29 2 1',
  '0 5-1 * * *',
  '0 12-12 * * *',
  '0 0 */2 * *',
  '0 0 1-31 * 1',
  '0 0 1 * 0-6',
  '0 0 30 2 *',
  '0 0 * * 0-6,1#2',
  '50-10/7 * * * *',
];
const BAD_CRONS = [
  '',
  '* * * *',
  '* * * * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 13 *',
  '* * * 0 *',
  '* * * * 8',
  '*/0 * * * *',
  'x * * * *',
  '-1 * * * *',
  '1,, * * * *',
  '* * * * 1#6',
  '* * * * 1#0',
  '* * * * 1,2#3',
  'h * * * *',
  'h/5 * * * *',
  'r * * * *',
  'R R * * *',
  '? * * * *',
  '* * *? * *',
  '@reboot',
  '@DAILYx',
  '1-2-3 * * * *',
  '* * l-5 * *',
  '* * * * l',
  '* l * * *',
  '1.5 * * * *',
  '* * * foo *',
  '0 0 * * 1-5#2',
  '5/ * * * *',
  '* * * * * 60',
  '* * * * * 0 1969',
  '* * * * * 0 2100',
  '0 0 0-5 * *',
  '* * * * * 7 *',
];
const RRULES = [
  'FREQ=DAILY',
  'RRULE:FREQ=DAILY;INTERVAL=3',
  'FREQ=WEEKLY',
  'FREQ=WEEKLY;BYDAY=MO,WE,FR',
  'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU',
  'FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU',
  'FREQ=MONTHLY',
  'FREQ=MONTHLY;BYMONTHDAY=-1',
  'FREQ=MONTHLY;BYMONTHDAY=31',
  'FREQ=MONTHLY;BYDAY=1MO,-1FR',
  'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
  'FREQ=MONTHLY;BYDAY=MO(+2)',
  'FREQ=MONTHLY;INTERVAL=5;BYDAY=+5WE',
  'FREQ=YEARLY',
  'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
  'FREQ=YEARLY;BYYEARDAY=1,100,-1,366',
  'FREQ=YEARLY;BYWEEKNO=1,20,53,-1;BYDAY=MO',
  'FREQ=YEARLY;BYWEEKNO=1;WKST=SU',
  'FREQ=YEARLY;BYDAY=20MO,-1SU',
  'FREQ=YEARLY;BYMONTH=1,6;BYDAY=1TU',
  'FREQ=YEARLY;BYEASTER=0,-2,39',
  'FREQ=YEARLY;BYSETPOS=3,-3;BYDAY=SU',
  'FREQ=HOURLY;INTERVAL=7',
  'FREQ=HOURLY;BYHOUR=1,2,3;BYMINUTE=10,20',
  'DTSTART:20260101T000000\nFREQ=HOURLY;INTERVAL=4;BYHOUR=4,8,9',
  'DTSTART:20260101T000000\nFREQ=MINUTELY;INTERVAL=45',
  'FREQ=MINUTELY;INTERVAL=90;BYHOUR=9',
  'FREQ=MINUTELY;BYMINUTE=3,33;BYHOUR=22',
  'FREQ=SECONDLY;INTERVAL=90061',
  'DTSTART:20261119T070707\nFREQ=SECONDLY;BYSECOND=7;BYMINUTE=7;BYHOUR=7;COUNT=9',
  'FREQ=DAILY;BYMONTH=3;BYDAY=SU',
  'FREQ=DAILY;BYHOUR=9,17;BYSETPOS=2',
  'FREQ=DAILY;COUNT=2500',
  'DTSTART:20260101T093000\nFREQ=DAILY;COUNT=400',
  'DTSTART:20260101T093000\nRRULE:FREQ=DAILY;UNTIL=20261201T000000',
  'DTSTART:20260101T093000Z\nRRULE:FREQ=DAILY;UNTIL=20261130T093000Z',
  'DTSTART;TZID=Europe/Paris:20260101T093000\nRRULE:FREQ=WEEKLY',
  'DTSTART:20240229T000000\nRRULE:FREQ=YEARLY',
  'DTSTART:20260131T080000\nRRULE:FREQ=MONTHLY',
  'FREQ=DAILY;UNTIL=20261125',
  'FREQ=DAILY;UNTIL=20201125',
  'FREQ=DAILY;COUNT=0',
  'freq=daily;byhour=3',
  'RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY;BYHOUR=12',
  'DTSTART:20260101T000000\nRRULE:FREQ=DAILY\nEXDATE:20261122T000000,20261124T000000',
  'DTSTART:20260101T000000\nRRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SA,SU',
  'RDATE:20261201T100000\nRDATE:20261205T100000Z,20261203T100000',
  'DTSTART:20260101T000000\nRRULE:FREQ=WEEKLY;BYDAY=MO\nRDATE:20261125T120000\nEXDATE:20261130T000000Z',
  'RDATE:20261201T100000\nEXDATE:20261201T100000',
  'FREQ=MONTHLY;BYMONTHDAY=10,-10;BYMONTH=11,12,2',
  'FREQ=WEEKLY;BYDAY=1MO',
  'FREQ=DAILY;BYMONTHDAY=0',
  'FREQ=YEARLY;BYMONTH=13',
  'FREQ=WEEKLY;BYHOUR=8,20;BYSETPOS=1,-1;BYDAY=TU,TH',
  'FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29',
  'DTSTART:19970902T090000\nRRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
  'DTSTART:20300101T000000\nRRULE:FREQ=SECONDLY',
  'FREQ=DAILY;UNTIL=20271125T000000Z',
  'FREQ=MINUTELY;COUNT=10',
  'DTSTART:20261122T000000\nFREQ=MINUTELY;INTERVAL=7;COUNT=90',
  'FREQ=YEARLY;BYWEEKNO=53',
  'FREQ=YEARLY;BYWEEKNO=52,1;WKST=WE;BYDAY=TH',
];
const BAD_RRULES = [
  '',
  ' ',
  'FREQ=',
  'FREQ=FORTNIGHTLY',
  'INTERVAL=2',
  'FREQ=DAILY;INTERVAL=x',
  'FREQ=DAILY;COUNT=1.5',
  'FREQ=DAILY;BYDAY=XX',
  'FREQ=DAILY;BYDAY=',
  'FREQ=DAILY;BYDAY=0MO',
  'FREQ=DAILY;UNTIL=soon',
  'FREQ=DAILY;WKST=1',
  'FREQ=DAILY;BYSETPOS=0',
  'FREQ=DAILY;BYSETPOS=367',
  'FREQ=DAILY;BYHOUR=24',
  'FREQ=DAILY;NONSENSE=1',
  'FREQ=DAILY;;',
  'FREQ',
  'RRULE;X=1:FREQ=DAILY',
  'SUMMARY:FREQ=DAILY',
  'DTSTART:20260101T000000,20260102T000000\nFREQ=DAILY',
  'DTSTART:20260230T000000\nFREQ=DAILY',
  'DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;UNTIL=20270101T000000',
  'DTSTART:20260101T000000\nRRULE:FREQ=DAILY;UNTIL=20270101T000000Z',
  'DTSTART:20260101T000000\nFREQ=HOURLY;INTERVAL=2;BYHOUR=1',
  'DTSTART;VALUE=X:20260101\nFREQ=DAILY',
  'RDATE;TZID=Europe/Paris:20260101T000000',
  `${'RDATE:20260101T000000\n'.repeat(400)}`,
  'RRULE:FREQ=DAILY:X',
  'FREQ=DAILY;BYMONTH=a',
  'DTSTART:tomorrow\nFREQ=DAILY',
  'FREQ=DAILY;UNTIL=2027-01-01T00:00:00',
  'DTSTART:20260101T000000\nRRULE:FREQ=DAILY;UNTIL=2027-01-01T00:00:00',
];
const INTERVALS: [number, string, string | null][] = [
  [60, ANCHOR, null],
  [3600, '2020-02-29T00:00:00+05:30', 'Asia/Kolkata'],
  [86_400, '2030-01-01T00:00:00Z', 'America/New_York'],
  [604_800, '2026-01-01T09:00:00-05:00', 'America/New_York'],
  [0.25, '2026-11-22T00:00:00.125000Z', null],
  [90.5, '2026-01-01T00:00:00Z', 'UTC'],
  [1, '2000-01-01T00:00:00Z', 'Europe/Berlin'],
  [31_536_000, '2024-02-29T00:00:00Z', 'Europe/Berlin'],
  [100_000, '1999-12-31T23:59:59.999999Z', 'Pacific/Chatham'],
  [12 * 3600, '2026-03-29T00:30:00Z', 'Europe/London'],
  [86_401, '2040-06-01T00:00:00Z', 'America/Sao_Paulo'],
  [1e-6, '2026-11-21T00:00:00Z', null],
  [0.1, '2026-01-01T00:00:00Z', null],
];
const STARTS = ['2026-11-21T17:18:13.250000Z', '2027-12-31T23:59:59Z', '2028-02-28T12:00:00Z'];
const FAR = ['2045-07-01T00:00:00Z', '2099-12-01T00:00:00Z', '2400-02-28T00:00:00Z'];

function plain(): Case[] {
  const schedules: Schedule[] = [
    ...[...CRONS, ...BAD_CRONS].map((cron) => ({ cron, timezone: 'Europe/Berlin', day_or: true })),
    ...['0 0 13 * 5', '0 0 1-7 * mon', '0 0 l * 1', '0 0 1 * 2#1'].map((cron) => ({
      cron,
      timezone: null,
      day_or: false,
    })),
    ...[...RRULES, ...BAD_RRULES].map((rrule) => ({ rrule, timezone: 'America/Chicago' })),
    ...INTERVALS.map(([interval, anchor_date, timezone]) => ({ interval, anchor_date, timezone })),
  ];
  return schedules.flatMap((schedule) => STARTS.map((after) => ({ schedule, after, limit: 6 })));
}

function far(): Case[] {
  const schedules: Schedule[] = [
    { cron: '30 6 29 2 *', timezone: 'America/New_York', day_or: true },
    { cron: '0 12 * * 1#1', timezone: 'Europe/London', day_or: true },
    { rrule: 'FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=12', timezone: 'America/New_York' },
    { rrule: 'FREQ=DAILY;BYHOUR=2', timezone: 'Pacific/Auckland' },
    { rrule: 'FREQ=WEEKLY', timezone: 'Europe/Dublin' },
    { rrule: 'FREQ=DAILY', timezone: 'Asia/Tokyo' },
    { interval: 86_400, anchor_date: ANCHOR, timezone: 'America/New_York' },
    { interval: 3600, anchor_date: ANCHOR, timezone: 'Australia/Lord_Howe' },
  ];
  return schedules.flatMap((schedule) => FAR.map((after) => ({ schedule, after, limit: 12 })));
}

export const cases: Case[] = [...changes(), ...plain(), ...far()];
