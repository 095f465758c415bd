import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { JsonText } from '../../json/json.ts';
import {
  type BlockDocumentFilter,
  type BlockSchemaFilter,
  type BlockTypeFilter,
  blockDocumentFilter,
  blockSchemaFilter,
  blockTypeFilter,
} from '../filters/block.ts';
import { countRows, type Slice } from '../list.ts';
import { decryptJson } from './encryption-key.ts';
import { type BlockSchema, type Link, linksBelow, loadBlockSchemas } from './schema-query.ts';
import { type Data, hideSecrets } from './secrets.ts';
import type { BlockType } from './type.ts';

export type BlockDocumentRow = Tables['block_document']['$inferSelect'];

/** A block as it is answered: decrypted, with the blocks that it nests in its data. */
export interface BlockDocument extends Omit<BlockDocumentRow, 'data'> {
  data: JsonText | Data;
  block_schema: BlockSchema;
  block_type: BlockType;
  block_document_references: Record<string, unknown>;
}

export interface BlockDocumentFilters {
  block_documents?: BlockDocumentFilter | null;
  block_types?: BlockTypeFilter | null;
  block_schemas?: BlockSchemaFilter | null;
}

export type BlockDocumentSort = 'NAME_ASC' | 'NAME_DESC' | 'BLOCK_TYPE_AND_NAME_ASC';

export interface Secrets {
  include_secrets?: boolean;
}

/** Without its secrets, unless they are asked for. */
export async function readBlockDocument(
  db: Database,
  id: string,
  secrets: Secrets = {},
): Promise<BlockDocument | undefined> {
  const [document] = await loadBlockDocuments(db, eq(db.tables.block_document.id, id), secrets);
  return document;
}

export async function readBlockDocumentByName(
  db: Database,
  { slug, name }: { slug: string; name: string },
  secrets: Secrets,
): Promise<BlockDocument | undefined> {
  const { block_document, block_type } = db.tables;
  const where = and(eq(block_document.name, name), eq(block_type.slug, slug));
  const [document] = await loadBlockDocuments(db, where, secrets);
  return document;
}

export function findBlockDocuments(
  db: Database,
  filters: BlockDocumentFilters,
  { include_secrets, ...slice }: Partial<Slice<BlockDocumentSort>> & Secrets,
): Promise<BlockDocument[]> {
  return db.longRead(() => loadBlockDocuments(db, documentsWhere(db, filters), { include_secrets }, slice));
}

export function countBlockDocuments(db: Database, filters: BlockDocumentFilters): Promise<number> {
  return countRows(db, db.tables.block_document, documentsWhere(db, filters));
}

function documentsWhere(
  db: Database,
  { block_documents, block_types, block_schemas }: BlockDocumentFilters,
): SQL | undefined {
  const { block_document, block_type, block_schema } = db.tables;
  return and(
    // Who asks for nothing gets no anonymous ones.
    blockDocumentFilter(db, block_documents ?? { is_anonymous: { eq_: false } }),
    block_types
      ? sql`${block_document.block_type_id} in (select ${block_type.id} from ${block_type} where ${blockTypeFilter(db, block_types) ?? sql`true`})`
      : undefined,
    block_schemas
      ? sql`${block_document.block_schema_id} in (select ${block_schema.id} from ${block_schema} where ${blockSchemaFilter(db, block_schemas) ?? sql`true`})`
      : undefined,
  );
}

interface TypedRow {
  document: BlockDocumentRow;
  type: BlockType;
}

interface Loaded {
  rows: Map<string, TypedRow>;
  links: Link[];
  schemas: Map<string, BlockSchema>;
  data: Map<string, Data | JsonText>;
}

async function loadBlockDocuments(
  db: Database,
  where: SQL | undefined,
  { include_secrets = false }: Secrets,
  slice: Partial<Slice<BlockDocumentSort>> = {},
): Promise<BlockDocument[]> {
  const roots = await selectTyped(db, where, slice);
  if (roots.length === 0) return [];
  const { block_document, block_document_reference: reference, block_schema } = db.tables;
  const columns = {
    table: reference,
    parent: reference.parent_block_document_id,
    child: reference.reference_block_document_id,
  };
  const links = await linksBelow(
    db,
    columns,
    roots.map(({ document }) => document.id),
  );
  const below = [...new Set(links.map(({ child }) => child))];
  const nested = below.length === 0 ? [] : await selectTyped(db, db.dialect.isIn(block_document.id, below));
  const rows = new Map([...roots, ...nested].map((one) => [one.document.id, one]));
  const schemaIds = [...new Set([...rows.values()].map(({ document }) => document.block_schema_id))];
  const found = await loadBlockSchemas(db, db.dialect.isIn(block_schema.id, schemaIds));
  const schemas = new Map(found.map((schema) => [schema.id, schema]));
  const data = new Map<string, Data | JsonText>();
  for (const { document } of rows.values()) {
    data.set(document.id, await dataOf(db, document, schemas, include_secrets));
  }
  const loaded = { rows, links, schemas, data };
  return roots.map(({ document, type }) => {
    const block_schema = schemas.get(document.block_schema_id)!;
    return { ...document, ...withNested(document.id, loaded), block_schema, block_type: type };
  });
}

async function selectTyped(
  db: Database,
  where: SQL | undefined,
  { sort = 'NAME_ASC', limit, offset }: Partial<Slice<BlockDocumentSort>> = {},
): Promise<TypedRow[]> {
  const { block_document, block_type } = db.tables;
  const query = db.orm
    .select({ document: block_document, type: block_type })
    .from(block_document)
    .innerJoin(block_type, eq(block_type.id, block_document.block_type_id))
    .where(where)
    .orderBy(...sorts(db)[sort])
    .$dynamic();
  if (limit !== undefined) query.limit(limit);
  return offset === undefined ? query : query.offset(offset);
}

function sorts({
  tables: { block_document: document },
  dialect,
}: Database): Record<BlockDocumentSort, SQL[]> {
  const tieBreaker = dialect.tieBreaker(asc(document.id));
  return {
    NAME_ASC: [asc(document.name), ...tieBreaker],
    NAME_DESC: [desc(document.name), ...tieBreaker],
    BLOCK_TYPE_AND_NAME_ASC: [asc(document.block_type_name), asc(document.name), ...tieBreaker],
  };
}

async function dataOf(
  db: Database,
  document: BlockDocumentRow,
  schemas: Map<string, BlockSchema>,
  include_secrets: boolean,
): Promise<Data | JsonText> {
  const data = await decryptJson(db, document.data, `The block ${document.name}`);
  const hidden = secretFieldsOf(schemas.get(document.block_schema_id));
  return include_secrets || hidden.length === 0 ? data : hideSecrets(data.parse() as Data, hidden);
}

export function secretFieldsOf(schema: Pick<BlockSchema, 'fields'> | undefined): string[] {
  const fields = schema?.fields['secret_fields'];
  return Array.isArray(fields) ? fields.filter((field) => typeof field === 'string') : [];
}

type Nested = Pick<BlockDocument, 'data' | 'block_document_references'>;

function withNested(id: string, loaded: Loaded, above: Set<string> = new Set()): Nested {
  const own = loaded.data.get(id)!;
  const links = loaded.links.filter(({ parent, child }) => parent === id && !above.has(child));
  if (links.length === 0) return { data: own, block_document_references: {} };
  const data: Data = { ...(own instanceof JsonText ? (own.parse() as Data) : own) };
  const references: Record<string, unknown> = {};
  for (const { name, child } of links) {
    const row = loaded.rows.get(child);
    if (!row) continue;
    const nested = withNested(child, loaded, new Set([...above, id]));
    data[name] = nested.data;
    references[name] = { block_document: referenceOf(row, nested) };
  }
  return { data, block_document_references: references };
}

function referenceOf({ document, type }: TypedRow, { block_document_references }: Nested) {
  const { id, name, is_anonymous } = document;
  return { id, name, block_type: type, is_anonymous, block_document_references };
}
