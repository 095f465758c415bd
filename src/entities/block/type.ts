import { asc, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import { now } from '../../time/timestamp.ts';
import { insertEvents } from '../event/event.ts';
import { lifecycleEvent } from '../event/lifecycle-event.ts';
import {
  type BlockSchemaFilter,
  type BlockTypeFilter,
  blockSchemaFilter,
  blockTypeFilter,
} from '../filters/block.ts';
import { escapeHtml, unescapeHtml } from '../html-text.ts';
import type { Part } from '../list.ts';
import { forgetCatalogue } from './catalogue-mark.ts';
import { clearDefaultStorageWithoutBlock } from './default-storage.ts';

export type BlockType = Tables['block_type']['$inferSelect'];

/** What may be changed of a type. */
export interface BlockTypeChanges {
  logo_url?: string | null;
  documentation_url?: string | null;
  description?: string | null;
  code_example?: string | null;
}

export interface BlockTypeCreate extends BlockTypeChanges {
  name: string;
  slug: string;
}

const bySlug = prepared(({ orm, tables: { block_type } }) =>
  orm
    .select()
    .from(block_type)
    .where(eq(block_type.slug, sql.placeholder('slug')))
    .prepare('block_type_by_slug'),
);

/** Undefined when the slug is taken. */
export function createBlockType(db: Database, given: BlockTypeCreate): Promise<BlockType | undefined> {
  const { block_type } = db.tables;
  const moment = now();
  const { description, code_example } = given;
  return db.transaction(async () => {
    const rows = await db.orm
      .insert(block_type)
      .values({
        ...given,
        ...trimmedUrls(given),
        description: description && escapeHtml(description),
        code_example: code_example && escapeHtml(code_example),
        created: moment,
        updated: moment,
      })
      .onConflictDoNothing({ target: block_type.slug })
      .returning();
    await recordTypeChanges(db, 'created', rows);
    return rows[0];
  });
}

export async function readBlockType(db: Database, id: string): Promise<BlockType | undefined> {
  const { block_type } = db.tables;
  const [row] = await db.orm.select().from(block_type).where(eq(block_type.id, id));
  return row;
}

export async function readBlockTypeBySlug(db: Database, slug: string): Promise<BlockType | undefined> {
  const [row] = await bySlug(db).execute({ slug });
  return row;
}

export interface BlockTypeFilters {
  block_types?: BlockTypeFilter | null;
  block_schemas?: BlockSchemaFilter | null;
}

export function findBlockTypes(
  db: Database,
  filters: BlockTypeFilters,
  { limit, offset }: Part,
): Promise<BlockType[]> {
  const { block_type } = db.tables;
  return db.longRead(async () =>
    db.orm
      .select()
      .from(block_type)
      .where(typesWhere(db, filters))
      .orderBy(asc(block_type.name), ...db.dialect.tieBreaker(asc(block_type.id)))
      .limit(limit)
      .offset(offset),
  );
}

function typesWhere(db: Database, { block_types, block_schemas }: BlockTypeFilters): SQL | undefined {
  const { block_type, block_schema } = db.tables;
  const own = blockTypeFilter(db, block_types);
  if (!block_schemas) return own;
  const condition = blockSchemaFilter(db, block_schemas) ?? sql`true`;
  const hasSchema = sql`exists (select 1 from ${block_schema} where ${block_schema.block_type_id} = ${block_type.id} and ${condition})`;
  return own ? sql`${own} and ${hasSchema}` : hasSchema;
}

/** False when there is no such type. Nothing is written when all that may be changed is as it is, as in Prefect. */
export function updateBlockType(db: Database, id: string, changes: BlockTypeChanges): Promise<boolean> {
  const { block_type } = db.tables;
  return db.transaction(async () => {
    const current = await readBlockType(db, id);
    if (!current) return false;
    if (saysTheSame(changes, current)) return true;
    const rows = await db.orm
      .update(block_type)
      .set({ ...changes, ...trimmedUrls(changes), updated: now() })
      .where(eq(block_type.id, id))
      .returning();
    await recordTypeChanges(db, 'updated', rows);
    return true;
  });
}

/** Its schemas and blocks go with it, by foreign key. */
export function deleteBlockType(db: Database, id: string): Promise<void> {
  const { block_type } = db.tables;
  return db.transaction(async () => {
    const rows = await db.orm.delete(block_type).where(eq(block_type.id, id)).returning();
    await recordTypeChanges(db, 'deleted', rows);
    await clearDefaultStorageWithoutBlock(db);
    await forgetCatalogue(db);
  });
}

const CHANGEABLE = ['logo_url', 'documentation_url', 'description', 'code_example'] as const;

/** A text counts as the same when it differs only in what is escaped: a client compares so, too. */
export function saysTheSame(changes: BlockTypeChanges, current: BlockType): boolean {
  return CHANGEABLE.every((field) => {
    const [given, stored] = [changes[field], current[field]];
    return given === stored || (!!given && !!stored && unescapeHtml(given) === unescapeHtml(stored));
  });
}

function trimmedUrls({ logo_url, documentation_url }: BlockTypeChanges): BlockTypeChanges {
  return {
    ...(logo_url && { logo_url: logo_url.trim() }),
    ...(documentation_url && { documentation_url: documentation_url.trim() }),
  };
}

async function recordTypeChanges(
  db: Database,
  action: 'created' | 'updated' | 'deleted',
  types: BlockType[],
): Promise<void> {
  const events = types.map(({ id, created: _created, updated: _updated, ...payload }) =>
    lifecycleEvent(action, { kind: 'block-type', id, name: payload.name, payload }),
  );
  await insertEvents(db, events);
}
