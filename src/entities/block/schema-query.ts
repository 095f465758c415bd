import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database, Tables } from '../../db/database.ts';
import { isObject } from '../../json/schema/types.ts';
import { type BlockSchemaFilter, blockSchemaFilter } from '../filters/block.ts';
import type { Part } from '../list.ts';
import type { Fields } from './fields.ts';
import type { BlockType } from './type.ts';

export type BlockSchemaRow = Tables['block_schema']['$inferSelect'];

/** A schema as it is answered: with its type, and the definitions of the blocks that it nests. */
export interface BlockSchema extends Omit<BlockSchemaRow, 'fields'> {
  fields: Fields;
  block_type: BlockType;
}

interface TypedRow {
  schema: BlockSchemaRow;
  type: BlockType;
}

/** One step from a row to one that it refers to. */
export interface Link {
  name: string;
  parent: string;
  child: string;
}

export async function readBlockSchema(db: Database, id: string): Promise<BlockSchema | undefined> {
  const [schema] = await loadBlockSchemas(db, eq(db.tables.block_schema.id, id));
  return schema;
}

/** The newest of several versions, unless one is asked for. */
export async function readBlockSchemaByChecksum(
  db: Database,
  checksum: string,
  version?: string | null,
): Promise<BlockSchema | undefined> {
  const { block_schema } = db.tables;
  const wanted = version === undefined || version === null ? undefined : eq(block_schema.version, version);
  const [schema] = await loadBlockSchemas(db, and(eq(block_schema.checksum, checksum), wanted), { limit: 1 });
  return schema;
}

export function findBlockSchemas(
  db: Database,
  filter: BlockSchemaFilter | null | undefined,
  slice: Part,
): Promise<BlockSchema[]> {
  return db.longRead(() => loadBlockSchemas(db, blockSchemaFilter(db, filter), slice));
}

export async function readBlockCapabilities(db: Database): Promise<string[]> {
  const { block_schema } = db.tables;
  const rows = await db.longRead(async () =>
    db.orm.selectDistinct({ capabilities: block_schema.capabilities }).from(block_schema),
  );
  return [...new Set(rows.flatMap(({ capabilities }) => capabilities))].sort();
}

/** Whole schemas, the newest first. */
export async function loadBlockSchemas(
  db: Database,
  where: SQL | undefined,
  slice: { limit?: number; offset?: number } = {},
): Promise<BlockSchema[]> {
  const roots = await selectTyped(db, where, slice);
  const { block_schema, block_schema_reference: reference } = db.tables;
  const links = await linksBelow(
    db,
    {
      table: reference,
      parent: reference.parent_block_schema_id,
      child: reference.reference_block_schema_id,
    },
    roots.map(({ schema }) => schema.id),
  );
  const below = [...new Set(links.map(({ child }) => child))];
  const nested = below.length === 0 ? [] : await selectTyped(db, db.dialect.isIn(block_schema.id, below));
  const all = new Map([...roots, ...nested].map((one) => [one.schema.id, one]));
  return roots.map((root) => assemble(root, links, all));
}

async function selectTyped(
  db: Database,
  where: SQL | undefined,
  { limit, offset }: { limit?: number; offset?: number } = {},
): Promise<TypedRow[]> {
  const { block_schema, block_type } = db.tables;
  const query = db.orm
    .select({ schema: block_schema, type: block_type })
    .from(block_schema)
    .innerJoin(block_type, eq(block_type.id, block_schema.block_type_id))
    .where(where)
    .orderBy(desc(block_schema.created), ...db.dialect.tieBreaker(desc(block_schema.id)))
    .$dynamic();
  if (limit !== undefined) query.limit(limit);
  return offset === undefined ? query : query.offset(offset);
}

/** All links below these rows, however deep; each once, so that a circle ends. */
export async function linksBelow(
  db: Database,
  { table, parent, child }: { table: PgTable; parent: AnyPgColumn; child: AnyPgColumn },
  ids: string[],
): Promise<Link[]> {
  if (ids.length === 0) return [];
  return db.execute<Link>(sql`
    with recursive below(name, parent, child) as (
      select name, ${parent}, ${child} from ${table} where ${db.dialect.isIn(parent, ids)}
      union
      select ${table}.name, ${parent}, ${child} from ${table} join below on ${parent} = below.child
    )
    select name, parent, child from below`);
}

/** Adds to the stored fields what they refer to: by checksum where they have it, and as definitions. */
function assemble({ schema, type }: TypedRow, links: Link[], all: Map<string, TypedRow>): BlockSchema {
  const { fields, definitions } = fieldsWithNested(schema, links, all, new Set());
  const whole = Object.keys(definitions).length > 0 ? { ...fields, definitions } : fields;
  return { ...schema, fields: whole, block_type: type };
}

/** The definitions of nested blocks are all beside each other, at the top. */
function fieldsWithNested(
  schema: BlockSchemaRow,
  links: Link[],
  all: Map<string, TypedRow>,
  above: Set<string>,
): { fields: Fields; definitions: Fields } {
  const { definitions: own, ...stored } = schema.fields.parse() as Fields;
  const references: Record<string, unknown> = {};
  let definitions: Fields = isObject(own) ? own : {};
  for (const [name, children] of childrenOf(schema.id, links, all)) {
    const entries = children.map(({ schema: child, type }) => ({
      block_schema_checksum: child.checksum,
      block_type_slug: type.slug,
    }));
    references[name] = entries.length === 1 ? entries[0] : entries;
    for (const { schema: child } of children) {
      if (above.has(child.id)) continue;
      const nested = fieldsWithNested(child, links, all, new Set([...above, schema.id]));
      const title = nested.fields['title'];
      if (typeof title !== 'string') continue;
      definitions = { ...definitions, [title]: nested.fields, ...nested.definitions };
    }
  }
  return { fields: { ...stored, block_schema_references: references }, definitions };
}

const byAge = ({ schema: a }: TypedRow, { schema: b }: TypedRow): number =>
  `${a.created}${a.id}` < `${b.created}${b.id}` ? -1 : 1;

/** By the name of the property; several are the branches of a union, in the order in which they were made. */
function childrenOf(parent: string, links: Link[], all: Map<string, TypedRow>): Map<string, TypedRow[]> {
  const own = links.filter((link) => link.parent === parent && all.has(link.child));
  const children = new Map<string, TypedRow[]>();
  for (const { name, child } of own) {
    const beside = [...(children.get(name) ?? []), all.get(child)!];
    children.set(name, beside.sort(byAge));
  }
  return children;
}
