import {
  annotated,
  datetime,
  float,
  int,
  list,
  optional,
  parameters,
  timestamp,
  uuid,
} from '../kinds/index.ts';
import { limit } from './paging.ts';

export const ScheduledRunsBody = parameters(
  {
    deployment_ids: list(uuid()),
    scheduled_before: optional(timestamp()),
    limit,
  },
  'Body_get_scheduled_flow_runs_for_deployments_deployments_get_scheduled_flow_runs_post',
);

export const ScheduleDeploymentBody = parameters(
  {
    start_time: optional(datetime()),
    end_time: optional(datetime()),
    min_time: optional(annotated(float(), { format: 'time-delta' })),
    min_runs: optional(int()),
    max_runs: optional(int()),
  },
  'Body_schedule_deployment_deployments__id__schedule_post',
);
