import { and, desc, eq, ne } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { JsonText } from '../json/json.ts';
import { mayBeUnstorable, withoutUnstorable } from '../json/unstorable.ts';
import { now } from '../time/timestamp.ts';
import { insertEvents, type Labels, RESOURCE_ID, RESOURCE_ROLE } from './event/event.ts';
import { lifecycleEvent } from './event/lifecycle-event.ts';

export type Artifact = Tables['artifact']['$inferSelect'];
/** The newest artifact of one key. */
export type ArtifactCollection = Tables['artifact_collection']['$inferSelect'];

export type ArtifactCreate = Pick<
  Artifact,
  'key' | 'type' | 'data' | 'metadata_' | 'description' | 'flow_run_id' | 'task_run_id'
>;
export type ArtifactChanges = Partial<Pick<Artifact, 'data' | 'metadata_' | 'description'>>;

/** Writes an artifact; one with a key becomes the newest of that key. */
export function createArtifact(db: Database, artifact: ArtifactCreate): Promise<Artifact> {
  const { artifact: artifacts, artifact_collection: collections } = db.tables;
  const moment = now();
  return db.transaction(async () => {
    const [created] = await db.orm
      .insert(artifacts)
      .values({ ...artifact, created: moment, updated: moment })
      .returning();
    const { key } = artifact;
    if (key !== null) {
      const latest = { ...artifact, key, latest_id: created!.id, updated: moment };
      const [collection] = await db.orm
        .insert(collections)
        .values({ ...latest, created: moment })
        .onConflictDoUpdate({ target: collections.key, set: latest })
        .returning();
      const isNew = collection!.created === collection!.updated;
      await recordChange(db, isNew ? 'created' : 'updated', collection!);
    }
    return created!;
  });
}

export async function readArtifact(db: Database, id: string): Promise<Artifact | undefined> {
  const { artifact } = db.tables;
  const [row] = await db.orm.select().from(artifact).where(eq(artifact.id, id));
  return row;
}

/** The newest one of a key, under the id of its collection, as Prefect answers it. */
export async function readLatestArtifact(db: Database, key: string): Promise<Artifact | undefined> {
  const { artifact_collection: collection } = db.tables;
  const [row] = await db.orm.select().from(collection).where(eq(collection.key, key));
  if (!row) return undefined;
  const { latest_id: _, ...artifact } = row;
  return artifact;
}

/** False when there is no such artifact. */
export function updateArtifact(db: Database, id: string, changes: ArtifactChanges): Promise<boolean> {
  const { artifact, artifact_collection: collection } = db.tables;
  const set = { ...changes, updated: now() };
  return db.transaction(async () => {
    const [changed] = await db.orm
      .update(artifact)
      .set(set)
      .where(eq(artifact.id, id))
      .returning({ key: artifact.key });
    if (changed && changed.key !== null)
      await db.orm
        .update(collection)
        .set(set)
        .where(isLatest(db, changed.key, id));
    return changed !== undefined;
  });
}

/** The one before becomes the newest of its key; the last one takes the collection with it. False when there is none. */
export function deleteArtifact(db: Database, id: string): Promise<boolean> {
  const { artifact, artifact_collection: collections } = db.tables;
  return db.transaction(async () => {
    const [found] = await db.orm.select({ key: artifact.key }).from(artifact).where(eq(artifact.id, id));
    if (found && found.key !== null) {
      const select = db.orm
        .select()
        .from(collections)
        .where(isLatest(db, found.key, id));
      const [collection] = await db.dialect.lockRows(select, collections);
      if (collection) await replaceLatest(db, collection);
    }
    const rows = await db.orm.delete(artifact).where(eq(artifact.id, id)).returning({ id: artifact.id });
    return rows.length > 0;
  });
}

/** By the key first, since no index begins with the id. */
function isLatest({ tables: { artifact_collection: collection } }: Database, key: string, id: string) {
  return and(eq(collection.key, key), eq(collection.latest_id, id));
}

async function replaceLatest(db: Database, collection: ArtifactCollection): Promise<void> {
  const { artifact, artifact_collection: collections } = db.tables;
  const [next] = await db.orm
    .select()
    .from(artifact)
    .where(and(eq(artifact.key, collection.key), ne(artifact.id, collection.latest_id)))
    .orderBy(desc(artifact.created))
    .limit(1);
  const isThis = eq(collections.id, collection.id);
  if (!next) {
    await recordChange(db, 'deleted', collection);
    await db.orm.delete(collections).where(isThis);
    return;
  }
  const { id: latest_id, key: _, ...latest } = next;
  const [changed] = await db.orm
    .update(collections)
    .set({ ...latest, latest_id })
    .where(isThis)
    .returning();
  await recordChange(db, 'updated', changed!);
}

async function recordChange(
  db: Database,
  action: 'created' | 'updated' | 'deleted',
  { id, key, type, data, description, latest_id, flow_run_id, task_run_id }: ArtifactCollection,
): Promise<void> {
  const related: Labels[] = [relatedTo('artifact', latest_id, 'latest')];
  if (flow_run_id) related.push(relatedTo('flow-run', flow_run_id, 'flow-run'));
  if (task_run_id) related.push(relatedTo('task-run', task_run_id, 'task-run'));
  // An event is jsonb, which takes less than the artifact's json.
  const told = data && mayBeUnstorable(data.text) ? new JsonText(withoutUnstorable(data.text)) : data;
  const payload = { key, type, data: told, description };
  await insertEvents(db, [
    lifecycleEvent(action, { kind: 'artifact-collection', id, name: key, payload, related }),
  ]);
}

function relatedTo(kind: string, id: string, role: string): Labels {
  return { [RESOURCE_ID]: `prefect.${kind}.${id}`, [RESOURCE_ROLE]: role };
}
