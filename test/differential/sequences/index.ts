import type { Group } from '../sequence.ts';
import { artifacts } from './artifacts.ts';
import { automations } from './automations.ts';
import { badInputsGroup } from './bad-inputs.ts';
import { blockDocuments } from './block-documents.ts';
import { blockSchemas } from './block-schemas.ts';
import { blockTypes } from './block-types.ts';
import { concurrency } from './concurrency.ts';
import { concurrencyLimits } from './concurrency-limits.ts';
import { concurrencyRules, tagConcurrencyRules } from './concurrency-rules.ts';
import { deploymentFilters } from './deployment-filters.ts';
import { deployments } from './deployments.ts';
import { events } from './events.ts';
import { flowRunFilters } from './flow-run-filters.ts';
import { flowRunGraph } from './flow-run-graph.ts';
import { flowRunInputs } from './flow-run-inputs.ts';
import { flowRuns } from './flow-runs.ts';
import { flows } from './flows.ts';
import { logs } from './logs.ts';
import { root } from './root.ts';
import { savedSearches } from './saved-searches.ts';
import { schedules } from './schedules.ts';
import { schemaValidation } from './schema-validation.ts';
import { statePairs } from './state-pairs.ts';
import { orchestration } from './states.ts';
import { taskRunsGroup } from './task-runs.ts';
import { templates } from './templates.ts';
import { variables } from './variables.ts';
import { verbs } from './verbs.ts';
import { workPools } from './work-pools.ts';

export const groups: Group[] = [
  root,
  verbs,
  flows,
  flowRuns,
  flowRunFilters,
  flowRunInputs,
  flowRunGraph,
  taskRunsGroup,
  orchestration,
  ...statePairs,
  logs,
  events,
  artifacts,
  variables,
  savedSearches,
  automations,
  blockTypes,
  blockSchemas,
  blockDocuments,
  concurrency,
  concurrencyLimits,
  concurrencyRules,
  tagConcurrencyRules,
  workPools,
  deployments,
  deploymentFilters,
  schedules,
  schemaValidation,
  templates,
  badInputsGroup,
];
