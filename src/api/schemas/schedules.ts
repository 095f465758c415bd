import { float as floatNumber } from '../../json/float.ts';
import type { JsonObject } from '../../schema/types.ts';
import { now } from '../../time/timestamp.ts';
import {
  annotated,
  bool,
  checked,
  duration,
  float,
  type Kind,
  maybe,
  model,
  optional,
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
    anchor_date: withDefault(timestamp(), now),
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

export const IntervalScheduleOutput = model('IntervalSchedule-Output', {
  interval: float(),
  anchor_date: optional(timestamp()),
  timezone: maybe(string()),
});

export const CronSchedule = model(
  'CronSchedule',
  {
    cron: string(),
    timezone: maybe(string()),
    day_or: withDefault(bool(), true),
  },
  { extra: 'forbid', after: checkTimezone },
);

export const RRuleSchedule = model(
  'RRuleSchedule',
  {
    rrule: string(),
    timezone: annotated(withDefault(maybe(string()), 'UTC'), { default: 'UTC' }),
  },
  { extra: 'forbid', after: checkTimezone },
);

function checkTimezone(
  { timezone }: { timezone: string | null },
  issues: Parameters<typeof refuseValue>[0],
  given: unknown,
): void {
  if (!timezone || isTimezone(timezone)) return;
  const how = 'specify in IANA tzdata format, for example, America/New_York';
  refuseValue(issues, `Invalid timezone: "${timezone}" (${how})`, given);
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The labels are pydantic's, which clients see in `loc`. */
export const Schedule = union({
  'function-after[validate_timezone(), IntervalSchedule]': IntervalScheduleInput,
  'function-after[validate_timezone(), CronSchedule]': CronSchedule,
  RRuleSchedule,
}) as Kind<unknown> as Kind<Schedule>;

export const ScheduleOutput = union({
  IntervalSchedule: IntervalScheduleOutput,
  CronSchedule,
  RRuleSchedule,
});
