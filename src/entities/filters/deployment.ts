import { sql } from 'drizzle-orm';
import type { Dialect } from '../../db/dialect.ts';
import { defineFilter, type FilterInput } from './filter.ts';
import { any, hasAll, hasAny, isEmptyListOrNot, isEqual, like, notAny } from './operators.ts';

interface Deprecated {
  ge_?: number | null;
  le_?: number | null;
  is_null_?: boolean | null;
}

export const deploymentFilter = defineFilter(({ deployment, flow }) => ({
  id: { any_: any(deployment.id), not_any_: notAny(deployment.id) },
  name: { any_: any(deployment.name), like_: like(deployment.name) },
  flow_or_deployment_name: {
    like_: (text: string, dialect: Dialect) => {
      if (text === '') return undefined;
      const pattern = `%${text}%`;
      return sql`(${dialect.ilike(deployment.name, pattern)} or ${deployment.flow_id} in (select ${flow.id} from ${flow} where ${dialect.ilike(flow.name, pattern)}))`;
    },
  },
  paused: { eq_: isEqual(deployment.paused) },
  tags: {
    all_: hasAll(deployment.tags),
    any_: hasAny(deployment.tags),
    is_null_: isEmptyListOrNot(deployment.tags),
  },
  work_queue_name: { any_: any(deployment.work_queue_name) },
  /** Accepted and ignored, as in Prefect: the column that it asked for is gone. */
  concurrency_limit: (_: Deprecated) => undefined,
}));

export type DeploymentFilter = FilterInput<typeof deploymentFilter>;
