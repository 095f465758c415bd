import { float as floatNumber } from '../../json/float.ts';
import { cronProblem, rruleProblem, withStart } from '../../schedules/validation.ts';
import { isZoneName, mentionsZone, ZONE_NAMES } from '../../schedules/zone-names.ts';
import type { JsonObject } from '../../schema/types.ts';
import { fromMicros, now, toMicros } from '../../time/timestamp.ts';
import {
  annotated,
  bool,
  checked,
  duration,
  float,
  type Kind,
  kind,
  maybe,
  model,
  nullable,
  optional,
  placeBelow,
  refuse,
  refuseValue,
  string,
  timestamp,
  union,
  withDefault,
} from '../kinds/index.ts';

/** A schedule as it is stored and answered. */
export type Schedule = JsonObject;

const interval = checked(duration(), (seconds) => (seconds > 0 ? undefined : 'interval must be positive'));

const IntervalScheduleInput = model(
  'IntervalSchedule-Input',
  {
    interval,
    anchor_date: withDefault(anchorDate(), () => anchorText(now(), 0)),
    timezone: maybe(string()),
  },
  {
    extra: 'forbid',
    after: (schedule, issues, given) => {
      schedule.timezone ??= 'UTC';
      // Stored as Prefect stores it.
      Object.assign(schedule, { interval: floatNumber(schedule.interval) });
      checkTimezone(schedule, issues, given);
    },
  },
);

const OFFSET = /:\d{2}(?:[.,]\d+)?\s*([+-])(\d{2}):?(\d{2})?$/;

/** A moment that keeps the offset it was given with, as Prefect stores it. */
function anchorDate(): Kind<string> {
  const base = timestamp();
  return kind((value, issues) => {
    const before = issues.length;
    const moment = base.read(value, issues);
    if (issues.length > before) return moment;
    const [, sign, hours, minutes = '0'] = (typeof value === 'string' && OFFSET.exec(value)) || [];
    const offset = hours === undefined ? 0 : Number(hours) * 60 + Number(minutes);
    return anchorText(moment, sign === '-' ? -offset : offset);
  }, base.schema);
}

/** Minutes east of UTC; a fraction of a second stands there only when there is one. */
function anchorText(moment: string, offset: number): string {
  const local = fromMicros(toMicros(moment) + offset * 60_000_000);
  const fraction = local.slice(19, 26);
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const [sign, size] = [offset < 0 ? '-' : '+', Math.abs(offset)];
  const zone = offset === 0 ? 'Z' : `${sign}${two(size / 60)}:${two(size % 60)}`;
  return local.slice(0, 19) + (fraction === '.000000' ? '' : fraction) + zone;
}

const IntervalScheduleOutput = model(
  'IntervalSchedule-Output',
  {
    interval: float(),
    anchor_date: optional(timestamp()),
    timezone: maybe(string()),
  },
  { extra: 'forbid' },
);

export const CronSchedule = model(
  'CronSchedule',
  {
    cron: checked(string(), cronProblem),
    timezone: maybe(string()),
    day_or: withDefault(bool(), true),
  },
  { extra: 'forbid', after: checkTimezone },
);

/** Anything with the name of a zone in it: Prefect's pattern isn't anchored. */
function recurrenceZone(): Kind<string> {
  const text = string();
  const pattern = ZONE_NAMES.join('|');
  return kind(
    (value, issues) => {
      const before = issues.length;
      const name = text.read(value, issues);
      if (issues.length > before || mentionsZone(name)) return name;
      const message = `String should match pattern '${pattern}'`;
      return refuse(issues, 'string_pattern_mismatch', message, value, { pattern });
    },
    { type: 'string', pattern },
  );
}

export const RRuleSchedule = model(
  'RRuleSchedule',
  {
    rrule: checked(string(), rruleProblem),
    timezone: annotated(withDefault(nullable(recurrenceZone()), 'UTC'), { default: 'UTC' }),
  },
  { extra: 'forbid' },
);

function checkTimezone(
  { timezone }: { timezone: string | null },
  issues: Parameters<typeof refuseValue>[0],
  given: unknown,
): void {
  if (!timezone || isZoneName(timezone)) return;
  const how = 'specify in IANA tzdata format, for example, America/New_York';
  refuseValue(issues, `Invalid timezone: "${timezone}" (${how})`, given);
}

/** The labels are pydantic's, which clients see in `loc`. */
const given = union({
  'function-after[validate_timezone(), IntervalSchedule]': IntervalScheduleInput,
  'function-after[validate_timezone(), CronSchedule]': CronSchedule,
  RRuleSchedule,
}) as Kind<unknown> as Kind<Schedule>;

/** A rule is stored with its beginning, which may make it too long. */
export const Schedule = kind<Schedule>((value, issues) => {
  const before = issues.length;
  const schedule = given.read(value, issues);
  if (issues.length > before || typeof schedule['rrule'] !== 'string') return schedule;
  const timezone = schedule['timezone'] as string | null;
  const rrule = withStart(schedule['rrule'], timezone, toMicros(now()) / 1_000_000);
  const problem = rruleProblem(rrule);
  if (problem === undefined) return { ...schedule, rrule };
  refuseValue(issues, problem, rrule);
  placeBelow(issues, before, 'rrule');
  return schedule;
}, given.schema);

export const ScheduleOutput = union({
  IntervalSchedule: IntervalScheduleOutput,
  CronSchedule,
  RRuleSchedule,
});
