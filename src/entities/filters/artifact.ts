import { defineFilter, type FilterInput } from './filter.ts';
import { any, existsOrNot, like, notAny } from './operators.ts';

export const artifactFilter = defineFilter(({ artifact }) => ({
  id: { any_: any(artifact.id) },
  key: { any_: any(artifact.key), like_: like(artifact.key), exists_: existsOrNot(artifact.key) },
  flow_run_id: { any_: any(artifact.flow_run_id) },
  task_run_id: { any_: any(artifact.task_run_id) },
  type: { any_: any(artifact.type), not_any_: notAny(artifact.type) },
}));

export const artifactCollectionFilter = defineFilter(({ artifact_collection: collection }) => ({
  latest_id: { any_: any(collection.latest_id) },
  key: { any_: any(collection.key), like_: like(collection.key), exists_: existsOrNot(collection.key) },
  flow_run_id: { any_: any(collection.flow_run_id) },
  task_run_id: { any_: any(collection.task_run_id) },
  type: { any_: any(collection.type), not_any_: notAny(collection.type) },
}));

export type ArtifactFilter = FilterInput<typeof artifactFilter>;
export type ArtifactCollectionFilter = FilterInput<typeof artifactCollectionFilter>;
