import {
  annotated,
  enumeration,
  int,
  labels,
  list,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { FlowFilter } from './flow-filter.ts';
import { NAME } from './names.ts';
import { limit, offset, page, pageCounts } from './paging.ts';
import { row } from './row.ts';
import { plainRunFilters, runFilters } from './run-filters.ts';
import { StateType } from './states.ts';
import { WorkPoolFilter } from './work-pool-filter.ts';

export const FlowSort = enumeration('FlowSort', ['CREATED_DESC', 'UPDATED_DESC', 'NAME_ASC', 'NAME_DESC']);

export const FlowCreate = model(
  'FlowCreate',
  {
    name: string({ pattern: NAME }),
    tags: withDefault(list(string()), () => []),
    labels: withDefault(nullable(labels()), () => ({})),
  },
  { extra: 'forbid' },
);

export const FlowUpdate = model(
  'FlowUpdate',
  {
    tags: optional(list(string())),
  },
  { extra: 'forbid' },
);

export const Flow = model('Flow', {
  ...row,
  name: string({ pattern: NAME }),
  tags: optional(list(string())),
  labels: maybe(labels()),
});

export const FlowPaginationResponse = model('FlowPaginationResponse', {
  results: list(Flow),
  ...pageCounts,
});

export const FlowBulkDeleteResponse = model('FlowBulkDeleteResponse', {
  deleted: optional(list(uuid())),
});

export const SimpleNextFlowRun = model('SimpleNextFlowRun', {
  id: uuid(),
  flow_id: uuid(),
  name: string(),
  state_name: string(),
  state_type: StateType,
  next_scheduled_start_time: timestamp(),
});

export const FlowsCountBody = parameters(
  {
    ...plainRunFilters,
    work_pools: optional(WorkPoolFilter),
  },
  'Body_count_flows_flows_count_post',
);

export const FlowsFilterBody = parameters(
  {
    limit,
    offset,
    ...plainRunFilters,
    work_pools: optional(WorkPoolFilter),
    sort: withDefault(FlowSort, 'NAME_ASC'),
  },
  'Body_read_flows_flows_filter_post',
);

export const FlowsPaginateBody = parameters(
  {
    limit,
    page,
    ...runFilters,
    work_pools: optional(nullable(WorkPoolFilter)),
    sort: withDefault(FlowSort, 'NAME_ASC'),
  },
  'Body_paginate_flows_flows_paginate_post',
);

export const FlowsBulkDeleteBody = parameters(
  {
    flows: optional(nullable(FlowFilter)),
    limit: withDefault(int({ ge: 1, le: 50 }), 50),
  },
  'Body_bulk_delete_flows_flows_bulk_delete_post',
);

/** pydantic ignores this old spelling of maxItems. */
const manyIds = annotated(list(uuid()), { max_items: 200 });

export const CountDeploymentsByFlowBody = parameters(
  {
    flow_ids: manyIds,
  },
  'Body_count_deployments_by_flow_ui_flows_count_deployments_post',
);

export const NextRunsByFlowBody = parameters(
  {
    flow_ids: manyIds,
  },
  'Body_next_runs_by_flow_ui_flows_next_runs_post',
);
