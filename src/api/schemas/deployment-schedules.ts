import {
  bool,
  checked,
  int,
  jsonObject,
  maybe,
  model,
  nullable,
  optional,
  string,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { emptyObject } from './json-fields.ts';
import { limits } from './limits.ts';
import { row } from './row.ts';
import { Schedule, ScheduleOutput } from './schedules.ts';

const maxScheduledRuns = maybe(
  checked(int({ gt: 0 }), (runs) =>
    runs > limits.scheduledRuns
      ? `\`max_scheduled_runs\` must be less than or equal to ${limits.scheduledRuns}.`
      : undefined,
  ),
);

export const DeploymentScheduleCreate = model(
  'DeploymentScheduleCreate',
  {
    active: withDefault(bool(), true),
    schedule: Schedule,
    max_scheduled_runs: maxScheduledRuns,
    parameters: withDefault(jsonObject(), emptyObject),
    slug: maybe(string()),
    replaces: maybe(string()),
  },
  { extra: 'forbid' },
);

export const DeploymentScheduleUpdate = model(
  'DeploymentScheduleUpdate',
  {
    active: maybe(bool()),
    schedule: maybe(Schedule),
    max_scheduled_runs: maxScheduledRuns,
    parameters: withDefault(jsonObject(), emptyObject),
    slug: maybe(string()),
    replaces: maybe(string()),
  },
  { extra: 'forbid' },
);

export const DeploymentSchedule = model('DeploymentSchedule', {
  ...row,
  deployment_id: maybe(uuid()),
  schedule: ScheduleOutput,
  active: optional(bool(), true),
  max_scheduled_runs: optional(nullable(int({ gt: 0 }))),
  parameters: optional(jsonObject()),
  slug: maybe(string()),
});
