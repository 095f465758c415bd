import { and, eq, lte } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { now } from '../time/timestamp.ts';
import { insertEvents } from './event/event.ts';
import { lifecycleEvent } from './event/lifecycle-event.ts';
import { type AutomationFilter, automationFilter } from './filters/automation.ts';
import { automationSorts, type SortName } from './filters/sorts.ts';
import { countRows, type Slice } from './list.ts';

export type Automation = Tables['automation']['$inferSelect'];
export type AutomationSort = SortName<typeof automationSorts>;

export async function readAutomation(db: Database, id: string): Promise<Automation | undefined> {
  const { automation } = db.tables;
  const [row] = await db.orm.select().from(automation).where(eq(automation.id, id));
  return row;
}

export function findAutomations(
  db: Database,
  filter: AutomationFilter | null | undefined,
  { sort, limit, offset }: Slice<AutomationSort>,
): Promise<Automation[]> {
  return db.longRead(async () =>
    db.orm
      .select()
      .from(db.tables.automation)
      .where(automationFilter(db, filter))
      .orderBy(...automationSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
}

export function countAutomations(db: Database, filter: AutomationFilter | null | undefined): Promise<number> {
  return countRows(db, db.tables.automation, automationFilter(db, filter));
}

/** Those that belong to a resource, as `prefect.deployment.<id>`, or do something to it. */
export async function findRelatedAutomations(db: Database, resourceId: string): Promise<Automation[]> {
  const { automation, automation_related_resource: related } = db.tables;
  const rows = await db.orm
    .select({ automation })
    .from(automation)
    .innerJoin(related, eq(related.automation_id, automation.id))
    .where(eq(related.resource_id, resourceId));
  return rows.map((row) => row.automation);
}

/** Deletes those that were made with a resource. Prefect tells of none of them. */
export async function deleteOwnedAutomations(db: Database, resourceId: string): Promise<void> {
  const { automation, automation_related_resource: related } = db.tables;
  const moment = now();
  await db.transaction(async () => {
    const owned = await db.orm
      .select({ id: automation.id })
      .from(automation)
      .innerJoin(related, eq(related.automation_id, automation.id))
      .where(
        and(
          eq(related.resource_id, resourceId),
          eq(related.automation_owned_by_resource, true),
          lte(automation.created, moment),
        ),
      );
    if (owned.length === 0) return;
    const ids = owned.map(({ id }) => id);
    await db.orm.delete(automation).where(db.dialect.isIn(automation.id, ids));
  });
}

/** False when there is no such automation. */
export function updateAutomation(
  db: Database,
  id: string,
  changes: Partial<Pick<Automation, 'enabled'>>,
): Promise<boolean> {
  const { automation } = db.tables;
  return db.transaction(async () => {
    const rows = await db.orm
      .update(automation)
      .set({ ...changes, updated: now() })
      .where(eq(automation.id, id))
      .returning();
    await recordChanges(db, 'updated', rows);
    return rows.length > 0;
  });
}

/** False when there is no such automation. */
export function deleteAutomation(db: Database, id: string): Promise<boolean> {
  const { automation } = db.tables;
  return db.transaction(async () => {
    const rows = await db.orm.delete(automation).where(eq(automation.id, id)).returning();
    await recordChanges(db, 'deleted', rows);
    return rows.length > 0;
  });
}

async function recordChanges(
  db: Database,
  action: 'updated' | 'deleted',
  automations: Automation[],
): Promise<void> {
  const events = automations.map((one) =>
    lifecycleEvent(action, { kind: 'automation', id: one.id, name: one.name, payload: { ...one } }),
  );
  await insertEvents(db, events);
}
