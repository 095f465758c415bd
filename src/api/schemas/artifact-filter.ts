import { nullable, optional } from '../kinds/index.ts';
import { filter, flag, operator, text, texts, uuids } from './filter-fields.ts';

/** What an artifact and the newest of a key are both found by; each has a name of its own in Prefect's document. */
function shared(of: 'ArtifactFilter' | 'ArtifactCollectionFilter') {
  const Key = filter(`${of}Key`, { any_: texts, like_: text, exists_: flag });
  const FlowRunId = filter(`${of}FlowRunId`, { any_: uuids });
  const TaskRunId = filter(`${of}TaskRunId`, { any_: uuids });
  const Type = filter(`${of}Type`, { any_: texts, not_any_: texts });
  return {
    key: optional(nullable(Key)),
    flow_run_id: optional(nullable(FlowRunId)),
    task_run_id: optional(nullable(TaskRunId)),
    type: optional(nullable(Type)),
  };
}

const ArtifactFilterId = filter('ArtifactFilterId', { any_: uuids });

export const ArtifactFilter = filter('ArtifactFilter', {
  operator,
  id: optional(nullable(ArtifactFilterId)),
  ...shared('ArtifactFilter'),
});

const ArtifactCollectionFilterLatestId = filter('ArtifactCollectionFilterLatestId', { any_: uuids });

export const ArtifactCollectionFilter = filter('ArtifactCollectionFilter', {
  operator,
  latest_id: optional(nullable(ArtifactCollectionFilterLatestId)),
  ...shared('ArtifactCollectionFilter'),
});
