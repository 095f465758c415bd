import type { Route } from './route.ts';
import { adminRoutes } from './routes/admin.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { automationRoutes } from './routes/automations.ts';
import { blockDocumentRoutes } from './routes/block-documents.ts';
import { blockSchemaRoutes } from './routes/block-schemas.ts';
import { blockTypeRoutes } from './routes/block-types.ts';
import { collectionRoutes } from './routes/collections.ts';
import { concurrencyLimitRoutes } from './routes/concurrency-limits.ts';
import { concurrencyLimitV2Routes } from './routes/concurrency-limits-v2.ts';
import { csrfRoutes } from './routes/csrf.ts';
import { deploymentScheduleRoutes } from './routes/deployment-schedules.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { eventRoutes } from './routes/events.ts';
import { flowRunInputRoutes } from './routes/flow-run-inputs.ts';
import { flowRunQueryRoutes } from './routes/flow-run-queries.ts';
import { flowRunStateRoutes } from './routes/flow-run-states.ts';
import { flowRunRoutes } from './routes/flow-runs.ts';
import { flowRoutes } from './routes/flows.ts';
import { logRoutes } from './routes/logs.ts';
import { rootRoutes } from './routes/root.ts';
import { savedSearchRoutes } from './routes/saved-searches.ts';
import { taskRunQueryRoutes } from './routes/task-run-queries.ts';
import { taskRunStateRoutes } from './routes/task-run-states.ts';
import { taskRunRoutes } from './routes/task-runs.ts';
import { taskWorkerRoutes } from './routes/task-workers.ts';
import { templateRoutes } from './routes/templates.ts';
import { uiRoutes } from './routes/ui.ts';
import { uiSchemaRoutes } from './routes/ui-schemas.ts';
import { variableRoutes } from './routes/variables.ts';
import { workPoolQueueRoutes } from './routes/work-pool-queues.ts';
import { workPoolWorkerRoutes } from './routes/work-pool-workers.ts';
import { workPoolRoutes } from './routes/work-pools.ts';
import { workQueueRoutes } from './routes/work-queues.ts';

/** Every route of the server, by the prefix that its resource has; routing, validation and the document come from here. */
const resources: Route[][] = [
  rootRoutes,
  flowRoutes,
  eventRoutes,
  flowRunRoutes,
  flowRunQueryRoutes,
  flowRunInputRoutes,
  flowRunStateRoutes,
  taskRunRoutes,
  taskRunQueryRoutes,
  taskRunStateRoutes,
  logRoutes,
  artifactRoutes,
  deploymentRoutes,
  deploymentScheduleRoutes,
  variableRoutes,
  savedSearchRoutes,
  automationRoutes,
  templateRoutes,
  blockTypeRoutes,
  blockSchemaRoutes,
  blockDocumentRoutes,
  collectionRoutes,
  adminRoutes,
  csrfRoutes,
  concurrencyLimitRoutes,
  concurrencyLimitV2Routes,
  uiRoutes,
  uiSchemaRoutes,
  workPoolRoutes,
  workPoolQueueRoutes,
  workPoolWorkerRoutes,
  workQueueRoutes,
  taskWorkerRoutes,
];

/** Routes below their first path segment, so that a request is matched against those of its own resource only. */
export const routers: [prefix: string, routes: Route[]][] = [...groupByPrefix(resources.flat())];

function groupByPrefix(routes: Route[]): Map<string, Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const prefix = /^\/[^/]+(?=\/)/.exec(route.path)?.[0] ?? '';
    const group = groups.get(prefix) ?? [];
    group.push({ ...route, path: route.path.slice(prefix.length) });
    groups.set(prefix, group);
  }
  return groups;
}

export const allRoutes: Route[] = resources.flat();
