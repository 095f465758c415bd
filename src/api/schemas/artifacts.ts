import {
  annotated,
  checked,
  dict,
  enumeration,
  json,
  type Kind,
  kind,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  type Read,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { ArtifactCollectionFilter, ArtifactFilter } from './artifact-filter.ts';
import { DeploymentFilter } from './deployment-filter.ts';
import { FlowFilter } from './flow-filter.ts';
import { FlowRunFilter } from './flow-run-filter.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';
import { TaskRunFilter } from './task-run-filter.ts';

export const ArtifactSort = enumeration('ArtifactSort', [
  'CREATED_DESC',
  'UPDATED_DESC',
  'ID_DESC',
  'KEY_DESC',
  'KEY_ASC',
]);

export const ArtifactCollectionSort = enumeration('ArtifactCollectionSort', [
  'CREATED_DESC',
  'UPDATED_DESC',
  'ID_DESC',
  'KEY_DESC',
  'KEY_ASC',
]);

/** An object or anything else, as the document has it. */
const artifactData = annotated(json({ nul: true }), {
  anyOf: [{ type: 'object', additionalProperties: true }, {}],
});

function artifactKeyProblem(key: string): string | undefined {
  if (/^[a-z0-9-]*$/.test(key)) return undefined;
  return 'Artifact key must only contain lowercase letters, numbers, and dashes.';
}

/** Longer values are cut, as Prefect does. */
function artifactMetadata(): Kind<Record<string, string>> {
  const map = dict(string());
  const read: Read<Record<string, string>> = (value, issues) => {
    const before = issues.length;
    const metadata = map.read(value, issues);
    if (issues.length > before) return metadata;
    const cut = Object.entries(metadata).map(([key, text]) => [
      key,
      text.length > 500 ? `${text.slice(0, 500)}...` : text,
    ]);
    return Object.fromEntries(cut);
  };
  return kind(read, map.schema);
}

export const ArtifactCreate = model(
  'ArtifactCreate',
  {
    key: maybe(checked(string(), artifactKeyProblem)),
    type: maybe(string()),
    description: maybe(string()),
    data: maybe(artifactData),
    metadata_: maybe(artifactMetadata()),
    flow_run_id: maybe(uuid()),
    task_run_id: maybe(uuid()),
  },
  { extra: 'forbid' },
);

export const ArtifactUpdate = model(
  'ArtifactUpdate',
  {
    data: optional(nullable(artifactData)),
    description: optional(nullable(string())),
    metadata_: optional(nullable(artifactMetadata())),
  },
  { extra: 'forbid' },
);

export const Artifact = model('Artifact', {
  id: optional(uuid()),
  created: maybe(timestamp()),
  updated: maybe(timestamp()),
  key: maybe(string()),
  type: maybe(string()),
  description: maybe(string()),
  data: maybe(artifactData),
  metadata_: maybe(dict(string())),
  flow_run_id: maybe(uuid()),
  task_run_id: maybe(uuid()),
});

export const ArtifactCollection = model('ArtifactCollection', {
  ...row,
  key: string(),
  latest_id: uuid(),
  type: maybe(string()),
  description: maybe(string()),
  data: maybe(artifactData),
  metadata_: maybe(dict(string())),
  flow_run_id: maybe(uuid()),
  task_run_id: maybe(uuid()),
});

/** In this order, which is that of the errors about them. */
const runs = {
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  flows: optional(FlowFilter),
  deployments: optional(DeploymentFilter),
};

export const ArtifactsFilterBody = parameters(
  {
    limit,
    sort: withDefault(ArtifactSort, 'ID_DESC'),
    offset,
    artifacts: optional(ArtifactFilter),
    ...runs,
  },
  'Body_read_artifacts_artifacts_filter_post',
);

export const ArtifactsLatestFilterBody = parameters(
  {
    limit,
    sort: withDefault(ArtifactCollectionSort, 'ID_DESC'),
    offset,
    artifacts: optional(ArtifactCollectionFilter),
    ...runs,
  },
  'Body_read_latest_artifacts_artifacts_latest_filter_post',
);

export const ArtifactsCountBody = parameters(
  {
    artifacts: optional(ArtifactFilter),
    ...runs,
  },
  'Body_count_artifacts_artifacts_count_post',
);

export const ArtifactsLatestCountBody = parameters(
  {
    artifacts: optional(ArtifactCollectionFilter),
    ...runs,
  },
  'Body_count_latest_artifacts_artifacts_latest_count_post',
);
