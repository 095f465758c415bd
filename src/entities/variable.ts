import { eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { prepared } from '../db/prepared.ts';
import type { JsonText } from '../json/json.ts';
import { now } from '../time/timestamp.ts';
import { insertEvents } from './event/event.ts';
import { lifecycleEvent } from './event/lifecycle-event.ts';
import { type SortName, variableSorts } from './filters/sorts.ts';
import { type VariableFilter, variableFilter } from './filters/variable.ts';
import { countRows, type Slice } from './list.ts';

export type Variable = Tables['variable']['$inferSelect'];
export type VariableSort = SortName<typeof variableSorts>;

export interface VariableCreate {
  name: string;
  value: JsonText;
  tags: string[];
}

/** A null is written as one: the database refuses it, except for the value. */
export interface VariableChanges {
  name?: string | null;
  value?: JsonText | null;
  tags?: string[] | null;
}

const byName = prepared(({ orm, tables: { variable } }) =>
  orm
    .select()
    .from(variable)
    .where(eq(variable.name, sql.placeholder('name')))
    .prepare('variable_by_name'),
);

/** Undefined when there is one of this name. */
export function createVariable(db: Database, variable: VariableCreate): Promise<Variable | undefined> {
  const { variable: variables } = db.tables;
  const moment = now();
  return db.transaction(async () => {
    const rows = await db.orm
      .insert(variables)
      .values({ ...variable, created: moment, updated: moment })
      .onConflictDoNothing({ target: variables.name })
      .returning();
    await recordChanges(db, 'created', rows);
    return rows[0];
  });
}

export async function readVariable(db: Database, id: string): Promise<Variable | undefined> {
  const { variable } = db.tables;
  const [row] = await db.orm.select().from(variable).where(eq(variable.id, id));
  return row;
}

export async function readVariableByName(db: Database, name: string): Promise<Variable | undefined> {
  const [row] = await byName(db).execute({ name });
  return row;
}

export function findVariables(
  db: Database,
  filter: VariableFilter | null | undefined,
  { sort, limit, offset }: Slice<VariableSort>,
): Promise<Variable[]> {
  return db.longRead(async () =>
    db.orm
      .select()
      .from(db.tables.variable)
      .where(variableFilter(db, filter))
      .orderBy(...variableSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
}

export function countVariables(db: Database, filter: VariableFilter | null | undefined): Promise<number> {
  return countRows(db, db.tables.variable, variableFilter(db, filter));
}

/** False when there is no such variable. */
export function updateVariable(
  db: Database,
  which: { id: string } | { name: string },
  changes: VariableChanges,
): Promise<boolean> {
  const { variable } = db.tables;
  const set = { ...changes, updated: now() } as Partial<Variable>;
  return db.transaction(async () => {
    const rows = await db.orm.update(variable).set(set).where(isThis(db, which)).returning();
    await recordChanges(db, 'updated', rows);
    return rows.length > 0;
  });
}

/** False when there is no such variable. */
export function deleteVariable(db: Database, which: { id: string } | { name: string }): Promise<boolean> {
  return db.transaction(async () => {
    const rows = await db.orm.delete(db.tables.variable).where(isThis(db, which)).returning();
    await recordChanges(db, 'deleted', rows);
    return rows.length > 0;
  });
}

function isThis({ tables: { variable } }: Database, which: { id: string } | { name: string }): SQL {
  return 'id' in which ? eq(variable.id, which.id) : eq(variable.name, which.name);
}

async function recordChanges(
  db: Database,
  action: 'created' | 'updated' | 'deleted',
  variables: Variable[],
): Promise<void> {
  const events = variables.map(({ id, name, value, tags }) =>
    lifecycleEvent(action, { kind: 'variable', id, name, payload: { name, value, tags } }),
  );
  await insertEvents(db, events);
}
