import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { deleteConfiguration, readConfiguration, writeConfiguration } from '../configuration.ts';

/** Prefect's own key, so that a database keeps its default when the server changes. */
const KEY = 'server-default-result-storage';

/** Where flows keep their results unless they say otherwise. */
export interface DefaultStorage {
  default_result_storage_block_id: string | null;
}

export async function readDefaultStorage(db: Database): Promise<DefaultStorage> {
  const value = (await readConfiguration(db, KEY))?.parse() as Partial<DefaultStorage> | undefined;
  return { default_result_storage_block_id: value?.default_result_storage_block_id ?? null };
}

/** Whether a block can be the default: it must exist, and its schema must be able to write to a path. */
export async function storageProblem(db: Database, blockId: string): Promise<'missing' | 'unable' | null> {
  const { block_document, block_schema } = db.tables;
  const [block] = await db.orm
    .select({ capabilities: block_schema.capabilities })
    .from(block_document)
    .innerJoin(block_schema, eq(block_schema.id, block_document.block_schema_id))
    .where(eq(block_document.id, blockId));
  if (!block) return 'missing';
  return block.capabilities.includes('write-path') ? null : 'unable';
}

export async function writeDefaultStorage(db: Database, storage: DefaultStorage): Promise<void> {
  await writeConfiguration(db, KEY, storage);
}

export async function clearDefaultStorage(db: Database): Promise<void> {
  await deleteConfiguration(db, KEY);
}

/** Clears the default when its block has gone, as Prefect does with whatever deletes a block. */
export async function clearDefaultStorageWithoutBlock(db: Database): Promise<void> {
  const { default_result_storage_block_id: id } = await readDefaultStorage(db);
  if (id !== null && (await storageProblem(db, id)) === 'missing') await clearDefaultStorage(db);
}
