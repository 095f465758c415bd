import type { Database } from '../db/database.ts';
import type { Artifact, ArtifactCollection } from './artifact.ts';
import type { ArtifactCollectionFilter, ArtifactFilter } from './filters/artifact.ts';
import { artifactCollectionsWhere, artifactsWhere, type RunFilters } from './filters/related.ts';
import {
  type ArtifactCollectionSort,
  type ArtifactSort,
  artifactCollectionSorts,
  artifactSorts,
} from './filters/sorts.ts';
import { countRows, type Slice } from './list.ts';

type ArtifactFilters = RunFilters & { artifacts?: ArtifactFilter | null };
type CollectionFilters = RunFilters & { artifacts?: ArtifactCollectionFilter | null };

export function findArtifacts(
  db: Database,
  filters: ArtifactFilters,
  { sort, limit, offset }: Slice<ArtifactSort>,
): Promise<Artifact[]> {
  return db.longRead(async () =>
    db.orm
      .select()
      .from(db.tables.artifact)
      .where(artifactsWhere(db, filters))
      .orderBy(...artifactSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
}

/** The newest artifacts of their keys. */
export function findLatestArtifacts(
  db: Database,
  filters: CollectionFilters,
  { sort, limit, offset }: Slice<ArtifactCollectionSort>,
): Promise<ArtifactCollection[]> {
  return db.longRead(async () =>
    db.orm
      .select()
      .from(db.tables.artifact_collection)
      .where(artifactCollectionsWhere(db, filters))
      .orderBy(...artifactCollectionSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
}

export function countArtifacts(db: Database, filters: ArtifactFilters): Promise<number> {
  return countRows(db, db.tables.artifact, artifactsWhere(db, filters));
}

export function countLatestArtifacts(db: Database, filters: CollectionFilters): Promise<number> {
  return countRows(db, db.tables.artifact_collection, artifactCollectionsWhere(db, filters));
}
