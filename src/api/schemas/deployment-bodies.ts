import { int, nullable, optional, parameters, withDefault } from '../kinds/index.ts';
import { DeploymentFilter } from './deployment-filter.ts';
import { DeploymentSort } from './deployments.ts';
import { limit, offset, page } from './paging.ts';
import { runFilters, workFilters } from './run-filters.ts';

const sort = withDefault(DeploymentSort, 'NAME_ASC');

export const DeploymentsFilterBody = parameters(
  { limit, offset, ...runFilters, ...workFilters, sort },
  'Body_read_deployments_deployments_filter_post',
);

export const DeploymentsPaginateBody = parameters(
  { limit, page, ...runFilters, ...workFilters, sort },
  'Body_paginate_deployments_deployments_paginate_post',
);

export const DeploymentsCountBody = parameters(
  { ...runFilters, ...workFilters },
  'Body_count_deployments_deployments_count_post',
);

export const DeploymentsBulkDeleteBody = parameters(
  {
    deployments: optional(nullable(DeploymentFilter)),
    limit: withDefault(int({ ge: 1, le: 50 }), 50),
  },
  'Body_bulk_delete_deployments_deployments_bulk_delete_post',
);
