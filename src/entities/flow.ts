import { eq, sql } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { prepared } from '../db/prepared.ts';
import { now } from '../time/timestamp.ts';
import { endLeasesOfFlows } from './concurrency/run-leases.ts';
import { insertEvents } from './event/event.ts';
import { lifecycleEvent } from './event/lifecycle-event.ts';

export type Flow = Tables['flow']['$inferSelect'];

export interface FlowCreate {
  name: string;
  tags?: string[];
  labels?: Flow['labels'];
}

const byId = prepared(({ orm, tables: { flow } }) =>
  orm
    .select()
    .from(flow)
    .where(eq(flow.id, sql.placeholder('id')))
    .prepare('flow_by_id'),
);

const byName = prepared(({ orm, tables: { flow } }) =>
  orm
    .select()
    .from(flow)
    .where(eq(flow.name, sql.placeholder('name')))
    .prepare('flow_by_name'),
);

/** The flow of this name, made when there is none; an existing one is given back unchanged. */
export async function createFlow(db: Database, { name, tags = [], labels = {} }: FlowCreate): Promise<Flow> {
  const existing = await readFlowByName(db, name);
  if (existing) return existing;
  const { flow } = db.tables;
  const moment = now();
  const created = await db.transaction(async () => {
    const rows = await db.orm
      .insert(flow)
      .values({ name, tags, labels, created: moment, updated: moment })
      .onConflictDoNothing({ target: flow.name })
      .returning();
    await recordChanges(db, 'created', rows);
    return rows[0];
  });
  if (created) return created;
  // Another request made it in between, and maybe a third one deleted it again.
  return (await readFlowByName(db, name)) ?? createFlow(db, { name, tags, labels });
}

export async function readFlow(db: Database, id: string): Promise<Flow | undefined> {
  const [flow] = await byId(db).execute({ id });
  return flow;
}

export async function readFlowByName(db: Database, name: string): Promise<Flow | undefined> {
  const [flow] = await byName(db).execute({ name });
  return flow;
}

/** False when there is no such flow. */
export function updateFlow(db: Database, id: string, changes: { tags?: string[] }): Promise<boolean> {
  const { flow } = db.tables;
  return db.transaction(async () => {
    const rows = await db.orm
      .update(flow)
      .set({ ...changes, updated: now() })
      .where(eq(flow.id, id))
      .returning();
    await recordChanges(db, 'updated', rows);
    return rows.length > 0;
  });
}

/** Their deployments and runs go with them, by foreign key, and the slots that they hold come back. Gives back the ids that there were. */
export function deleteFlows(db: Database, ids: string[]): Promise<string[]> {
  const { flow } = db.tables;
  return db.transaction(async () => {
    await endLeasesOfFlows(db, ids);
    const rows = await db.orm.delete(flow).where(db.dialect.isIn(flow.id, ids)).returning();
    await recordChanges(db, 'deleted', rows);
    return rows.map(({ id }) => id);
  });
}

async function recordChanges(
  db: Database,
  action: 'created' | 'updated' | 'deleted',
  flows: Flow[],
): Promise<void> {
  const events = flows.map(({ id, name, tags, labels }) =>
    lifecycleEvent(action, { kind: 'flow', id, name, payload: { name, tags, labels } }),
  );
  await insertEvents(db, events);
}
