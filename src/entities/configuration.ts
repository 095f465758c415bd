import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { JsonText } from '../json/json.ts';
import { now } from '../time/timestamp.ts';

/** The value kept under a key; undefined when there is none. */
export async function readConfiguration(db: Database, key: string): Promise<JsonText | undefined> {
  const { configuration } = db.tables;
  const [row] = await db.orm
    .select({ value: configuration.value })
    .from(configuration)
    .where(eq(configuration.key, key));
  return row?.value;
}

export async function writeConfiguration(db: Database, key: string, value: unknown): Promise<void> {
  const { configuration } = db.tables;
  const moment = now();
  const set = { value: JsonText.of(value), updated: moment };
  await db.orm
    .insert(configuration)
    .values({ key, ...set, created: moment })
    .onConflictDoUpdate({ target: configuration.key, set });
}

export async function deleteConfiguration(db: Database, key: string): Promise<void> {
  const { configuration } = db.tables;
  await db.orm.delete(configuration).where(eq(configuration.key, key));
}
