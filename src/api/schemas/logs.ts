import {
  enumeration,
  int,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  SMALLINT_MAX,
  sequence,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { filter, flag, moment, operator, uuids } from './filter-fields.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

export const LogSort = enumeration('LogSort', ['TIMESTAMP_ASC', 'TIMESTAMP_DESC']);

const LogCreate = model(
  'LogCreate',
  {
    name: string({ strip: true }),
    level: int({ max: SMALLINT_MAX }),
    message: string({ strip: true }),
    timestamp: timestamp(),
    flow_run_id: maybe(uuid()),
    task_run_id: maybe(uuid()),
  },
  { extra: 'forbid' },
);

/** A batch, which is the whole body. */
export const LogsCreateBody = sequence(LogCreate);

export const Log = model('Log', {
  ...row,
  name: string(),
  level: int(),
  message: string(),
  timestamp: timestamp(),
  flow_run_id: maybe(uuid()),
  task_run_id: maybe(uuid()),
});

const LogFilterFlowRunId = filter('LogFilterFlowRunId', {
  any_: uuids,
});

const LogFilterLevel = filter('LogFilterLevel', {
  ge_: optional(nullable(int({ max: SMALLINT_MAX }))),
  le_: optional(nullable(int({ max: SMALLINT_MAX }))),
});

const LogFilterTaskRunId = filter('LogFilterTaskRunId', {
  any_: uuids,
  is_null_: flag,
});

const LogFilterTextSearch = filter('LogFilterTextSearch', {
  query: string({ max: 200 }),
});

const LogFilterTimestamp = filter('LogFilterTimestamp', {
  before_: moment,
  after_: moment,
});

export const LogFilter = filter('LogFilter', {
  operator,
  level: optional(nullable(LogFilterLevel)),
  timestamp: optional(nullable(LogFilterTimestamp)),
  flow_run_id: optional(nullable(LogFilterFlowRunId)),
  task_run_id: optional(nullable(LogFilterTaskRunId)),
  text: optional(nullable(LogFilterTextSearch)),
});

export const LogsFilterBody = parameters(
  {
    limit,
    offset,
    logs: optional(nullable(LogFilter)),
    sort: withDefault(LogSort, 'TIMESTAMP_ASC'),
  },
  'Body_read_logs_logs_filter_post',
);
