import { eq, sql } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { prepared } from '../db/prepared.ts';
import { now } from '../time/timestamp.ts';

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
  const [created] = await db.orm
    .insert(flow)
    .values({ name, tags, labels, created: moment, updated: moment })
    .onConflictDoNothing({ target: flow.name })
    .returning();
  // Another request made it in between.
  return created ?? (await readFlowByName(db, name))!;
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
export async function updateFlow(db: Database, id: string, changes: { tags?: string[] }): Promise<boolean> {
  const { flow } = db.tables;
  const rows = await db.orm
    .update(flow)
    .set({ ...changes, updated: now() })
    .where(eq(flow.id, id))
    .returning({ id: flow.id });
  return rows.length > 0;
}

/** Its deployments and runs go with it, by foreign key. False when there is no such flow. */
export async function deleteFlow(db: Database, id: string): Promise<boolean> {
  const { flow } = db.tables;
  const rows = await db.orm.delete(flow).where(eq(flow.id, id)).returning({ id: flow.id });
  return rows.length > 0;
}
