import type { Database } from '../db/database.ts';

/** The values of all variables, by name. */
export async function readVariableValues(db: Database): Promise<Map<string, unknown>> {
  const { variable } = db.tables;
  const rows = await db.orm.select({ name: variable.name, value: variable.value }).from(variable);
  return new Map(rows.map(({ name, value }) => [name, value?.parse() ?? null]));
}
