import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { stillThere } from '../../db/errors.ts';
import type { JsonText } from '../../json/json.ts';
import { forgetCatalogue } from './catalogue-mark.ts';
import { clearDefaultStorageWithoutBlock } from './default-storage.ts';
import { definitionsOf, type Fields, schemaChecksum, storedFields } from './fields.ts';
import { insertSchemas, registerNested } from './schema-insert.ts';
import { type BlockSchema, readBlockSchemaByChecksum } from './schema-query.ts';
import type { BlockType } from './type.ts';

export interface BlockSchemaCreate {
  fields: JsonText;
  capabilities: string[];
  version: string;
}

/**
 * The schema with these fields, made when there is none, and with it those of the blocks that it nests.
 * @throws BadReference, MissingBlockType
 */
export async function createBlockSchema(
  db: Database,
  type: BlockType,
  { fields: given, capabilities, version }: BlockSchemaCreate,
): Promise<{ schema: BlockSchema; isNew: boolean }> {
  const fields = given.parse() as Fields;
  const checksum = schemaChecksum(fields);
  return db.transaction(async () => {
    const existing = await readBlockSchemaByChecksum(db, checksum, version);
    if (existing) return { schema: existing, isNew: false };
    const wanted = { type, fields, checksum, capabilities, version };
    const [made] = await insertSchemas(db, [wanted]);
    // Another request made it in between.
    if (!made) {
      return { schema: stillThere(await readBlockSchemaByChecksum(db, checksum, version)), isNew: false };
    }
    const definitions = definitionsOf(fields);
    await registerNested(db, [{ id: made.id, fields }], definitions);
    const answered = {
      ...storedFields(fields),
      block_schema_references: fields['block_schema_references'] ?? {},
      ...(fields['definitions'] !== undefined && { definitions: fields['definitions'] }),
    };
    return { schema: { ...made, fields: answered, block_type: type }, isNew: true };
  });
}

/** Its blocks go with it, by foreign key. */
export function deleteBlockSchema(db: Database, id: string): Promise<void> {
  const { block_schema } = db.tables;
  return db.transaction(async () => {
    await db.orm.delete(block_schema).where(eq(block_schema.id, id));
    await clearDefaultStorageWithoutBlock(db);
    await forgetCatalogue(db);
  });
}
