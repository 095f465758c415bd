import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { JsonText } from '../../json/json.ts';
import { now } from '../../time/timestamp.ts';
import {
  BadReference,
  childFields,
  type Fields,
  type Reference,
  referencesOf,
  schemaChecksum,
  storedFields,
} from './fields.ts';
import type { BlockType } from './type.ts';

/** A nested block's type isn't registered. */
export class MissingBlockType extends Error {}

/** How deep blocks may nest: deeper ones refer to themselves. */
const MAX_DEPTH = 50;

/** Prefect's version of schemas that don't say one; also of those that come with another. */
const NO_VERSION = 'non-versioned';

export interface WantedSchema {
  type: Pick<BlockType, 'id'>;
  /** With the definitions of the whole. */
  fields: Fields;
  checksum: string;
  capabilities: string[];
  version: string;
}

/** Those that weren't there. */
export async function insertSchemas(db: Database, wanted: WantedSchema[]) {
  const { block_schema } = db.tables;
  if (wanted.length === 0) return [];
  const rows = wanted.map(({ type, fields, checksum, capabilities, version }) => {
    const moment = now();
    const stored = JsonText.of(storedFields(fields));
    return {
      block_type_id: type.id,
      fields: stored,
      checksum,
      capabilities,
      version,
      created: moment,
      updated: moment,
    };
  });
  return db.orm
    .insert(block_schema)
    .values(rows)
    .onConflictDoNothing({ target: [block_schema.checksum, block_schema.version] })
    .returning();
}

interface Parent {
  id: string;
  fields: Fields;
}

/** One level of nesting after the other: a few statements each. */
export async function registerNested(
  db: Database,
  parents: Parent[],
  definitions: Fields | undefined,
): Promise<void> {
  let level = parents;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new BadReference(`The block schema nests more than ${MAX_DEPTH} deep.`);
    level = await registerLevel(db, level, definitions);
  }
}

interface Nested {
  parent: Parent;
  reference: Reference;
}

/** The schemas that had to be made: what they nest is next. */
async function registerLevel(
  db: Database,
  parents: Parent[],
  definitions: Fields | undefined,
): Promise<Parent[]> {
  const nested: Nested[] = parents.flatMap((parent) =>
    referencesOf(parent.fields).map((reference) => ({ parent, reference })),
  );
  if (nested.length === 0) return [];
  const types = await typesBySlug(db, nested);
  const known = await idsByChecksum(
    db,
    nested.map(({ reference }) => reference.checksum),
  );
  const missing = nested.filter(({ reference }) => !known.has(reference.checksum));
  const wanted = new Map(
    missing.map((one) => [one, wantedOf(one, definitions, types.get(one.reference.slug)!)]),
  );
  const { made, ids } = await ensureSchemas(db, [...wanted.values()]);
  const children = nested.map((one): [Nested, string] => {
    const own = wanted.get(one)?.checksum ?? '';
    return [one, (known.get(one.reference.checksum) ?? ids.get(own))!];
  });
  await insertReferences(db, children);
  return made;
}

/** What the client says of a nested block's checksum needn't be what it is here: so look once more before making it. */
async function ensureSchemas(
  db: Database,
  wanted: WantedSchema[],
): Promise<{ made: Parent[]; ids: Map<string, string> }> {
  const byChecksum = new Map(wanted.map((one) => [one.checksum, one]));
  const known = await idsByChecksum(db, [...byChecksum.keys()], NO_VERSION);
  const missing = [...byChecksum.values()].filter(({ checksum }) => !known.has(checksum));
  const rows = await insertSchemas(db, missing);
  const made = rows.map(({ id, checksum }) => ({ id, fields: byChecksum.get(checksum)!.fields }));
  const ids =
    rows.length === missing.length
      ? new Map([...known, ...rows.map(({ id, checksum }): [string, string] => [checksum, id])])
      : await idsByChecksum(db, [...byChecksum.keys()], NO_VERSION);
  return { made, ids };
}

function wantedOf(
  { parent, reference }: Nested,
  definitions: Fields | undefined,
  type: Pick<BlockType, 'id'>,
): WantedSchema {
  const own = childFields(parent.fields, definitions, reference);
  const fields = definitions ? { ...own, definitions } : own;
  return { type, fields, checksum: schemaChecksum(fields), capabilities: [], version: NO_VERSION };
}

async function typesBySlug(db: Database, nested: Nested[]): Promise<Map<string, { id: string }>> {
  const { block_type } = db.tables;
  const slugs = nested.map(({ reference }) => reference.slug);
  const rows = await db.orm
    .select({ id: block_type.id, slug: block_type.slug })
    .from(block_type)
    .where(db.dialect.isIn(block_type.slug, slugs));
  const types = new Map(rows.map(({ id, slug }) => [slug, { id }]));
  const missing = slugs.find((slug) => !types.has(slug));
  if (missing === undefined) return types;
  throw new MissingBlockType(
    `Cannot create block schema because block type '${missing}' was not found.Did you forget to register the block type?`,
  );
}

/** The newest of each. */
async function idsByChecksum(
  db: Database,
  checksums: string[],
  version?: string,
): Promise<Map<string, string>> {
  const { block_schema } = db.tables;
  if (checksums.length === 0) return new Map();
  const rows = await db.orm
    .select({ id: block_schema.id, checksum: block_schema.checksum })
    .from(block_schema)
    .where(
      and(
        db.dialect.isIn(block_schema.checksum, checksums),
        version === undefined ? undefined : eq(block_schema.version, version),
      ),
    )
    .orderBy(desc(block_schema.created));
  return new Map(rows.reverse().map(({ id, checksum }) => [checksum, id]));
}

async function insertReferences(db: Database, children: [Nested, string][]): Promise<void> {
  const { block_schema_reference } = db.tables;
  const rows = new Map(
    children.map(([{ parent, reference }, child]) => {
      const moment = now();
      const row = {
        name: reference.name,
        parent_block_schema_id: parent.id,
        reference_block_schema_id: child,
        created: moment,
        updated: moment,
      };
      return [`${reference.name} ${parent.id} ${child}`, row];
    }),
  );
  await db.orm.insert(block_schema_reference).values([...rows.values()]);
}
