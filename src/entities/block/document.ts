import { randomUUID } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { detail, errors } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import { now } from '../../time/timestamp.ts';
import { insertEvents, RESOURCE_ID, RESOURCE_ROLE } from '../event/event.ts';
import { lifecycleEvent } from '../event/lifecycle-event.ts';
import { clearDefaultStorageWithoutBlock } from './default-storage.ts';
import {
  type BlockDocument,
  type BlockDocumentRow,
  readBlockDocument,
  secretFieldsOf,
} from './document-query.ts';
import { decryptJson, encryptJson } from './encryption-key.ts';
import type { Fields } from './fields.ts';
import { insertReferences, separateReferences, writeReferences } from './references.ts';
import { type Data, keepSecrets } from './secrets.ts';
import { readBlockType } from './type.ts';

export interface BlockDocumentCreate {
  name: string | null;
  data: JsonText;
  block_schema_id: string;
  block_type_id: string;
  is_anonymous: boolean;
}

export interface BlockDocumentUpdate {
  block_schema_id?: string | null;
  data?: JsonText;
  merge_existing_data: boolean;
}

/** @throws errors for clients: the name is taken, the type isn't there, references are in a circle */
export function createBlockDocument(db: Database, given: BlockDocumentCreate): Promise<BlockDocument> {
  const { block_document } = db.tables;
  const { block_type_id, block_schema_id, is_anonymous } = given;
  const name = given.name || `anonymous-${randomUUID()}`;
  return db.transaction(async () => {
    const type = await readBlockType(db, block_type_id);
    if (!type) throw detail(404, `Block type ${block_type_id} not found.`);
    const { own, references } = separateReferences(given.data.parse() as Data);
    const moment = now();
    const [row] = await db.orm
      .insert(block_document)
      .values({
        name,
        data: await encryptJson(db, JsonText.of(own)),
        block_schema_id,
        block_type_id,
        block_type_name: type.name,
        is_anonymous,
        created: moment,
        updated: moment,
      })
      .onConflictDoNothing({ target: [block_document.block_type_id, block_document.name] })
      .returning({ id: block_document.id });
    if (!row) throw errors.conflict('Block already exists');
    await insertReferences(db, row.id, references);
    const document = (await readBlockDocument(db, row.id))!;
    await recordChange(db, 'created', document);
    return document;
  });
}

/** False when there is no such block. */
export function updateBlockDocument(db: Database, id: string, given: BlockDocumentUpdate): Promise<boolean> {
  const { block_document } = db.tables;
  return db.transaction(async () => {
    const [current] = await db.dialect.lockRows(
      db.orm.select().from(block_document).where(eq(block_document.id, id)),
      block_document,
    );
    if (!current) return false;
    // Without data nothing is written, a new schema neither, as in Prefect.
    if (given.data || !given.merge_existing_data) await writeData(db, current, given);
    await recordChange(db, 'updated', (await readBlockDocument(db, id))!);
    return true;
  });
}

async function writeData(db: Database, current: BlockDocumentRow, given: BlockDocumentUpdate): Promise<void> {
  const { block_document } = db.tables;
  const stored = (await decryptJson(db, current.data, `The block ${current.name}`)).parse() as Data;
  const secretFields = secretFieldsOf(await fieldsOf(db, current.block_schema_id));
  const sent = keepSecrets((given.data?.parse() ?? {}) as Data, stored, secretFields);
  const { own, references } = separateReferences(given.merge_existing_data ? { ...stored, ...sent } : sent);
  const block_schema_id = given.block_schema_id ?? current.block_schema_id;
  if (block_schema_id !== current.block_schema_id) await refuseSchemaOfOther(db, block_schema_id, current);
  await db.orm
    .update(block_document)
    .set({ data: await encryptJson(db, JsonText.of(own)), block_schema_id, updated: now() })
    .where(eq(block_document.id, current.id));
  await writeReferences(db, current.id, references);
}

async function fieldsOf(db: Database, schemaId: string): Promise<{ fields: Fields } | undefined> {
  const { block_schema } = db.tables;
  const [row] = await db.orm
    .select({ fields: block_schema.fields })
    .from(block_schema)
    .where(eq(block_schema.id, schemaId));
  return row && { fields: row.fields.parse() as Fields };
}

async function refuseSchemaOfOther(
  db: Database,
  schemaId: string,
  document: BlockDocumentRow,
): Promise<void> {
  const { block_schema } = db.tables;
  const [schema] = await db.orm
    .select({ block_type_id: block_schema.block_type_id })
    .from(block_schema)
    .where(and(eq(block_schema.id, schemaId)));
  if (!schema) throw detail(404, `Block schema ${schemaId} not found.`);
  if (schema.block_type_id === document.block_type_id) return;
  throw errors.badRequest('Must migrate block document to a block schema of the same block type.');
}

/** False when there is no such block. Blocks that it nests stay. */
export function deleteBlockDocument(db: Database, id: string): Promise<boolean> {
  const { block_document } = db.tables;
  return db.transaction(async () => {
    const document = await readBlockDocument(db, id);
    if (!document) return false;
    await recordChange(db, 'deleted', document);
    await db.orm.delete(block_document).where(eq(block_document.id, id));
    await clearDefaultStorageWithoutBlock(db);
    return true;
  });
}

/** Nobody is told of anonymous blocks. The document must come without its secrets: an event shows its texts. */
async function recordChange(
  db: Database,
  action: 'created' | 'updated' | 'deleted',
  document: BlockDocument,
): Promise<void> {
  if (document.is_anonymous) return;
  const { id, name, block_type_id, block_type_name, block_schema } = document;
  const secret = new Set(secretFieldsOf(block_schema));
  const data = document.data instanceof JsonText ? (document.data.parse() as Data) : document.data;
  const shown = Object.entries(data).filter(([key, value]) => typeof value === 'string' && !secret.has(key));
  const event = lifecycleEvent(action, {
    kind: 'block-document',
    id,
    name,
    payload: {
      name,
      data: Object.fromEntries(shown),
      block_schema: {
        capabilities: block_schema.capabilities,
        block_type: { id: block_type_id, name: block_type_name ?? '' },
      },
    },
    related: [
      {
        [RESOURCE_ID]: `prefect.block-type.${block_type_id}`,
        [RESOURCE_ROLE]: 'block-type',
        ...(block_type_name && { 'prefect.resource.name': block_type_name }),
      },
      { [RESOURCE_ID]: `prefect.block-schema.${document.block_schema_id}`, [RESOURCE_ROLE]: 'block-schema' },
    ],
  });
  await insertEvents(db, [event]);
}
