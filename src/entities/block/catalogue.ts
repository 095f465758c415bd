/** The block types that Prefect has by itself and from its collections: registered at start, when the database lacks them. */
import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { JsonText, parseJson } from '../../json/json.ts';
import { now } from '../../time/timestamp.ts';
import { readCatalogueMark, writeCatalogueMark } from './catalogue-mark.ts';
import { type BlockTypeCreate, saysTheSame } from './type.ts';

interface CatalogueType extends BlockTypeCreate {
  is_protected: boolean;
}

interface CatalogueSchema {
  slug: string;
  checksum: string;
  version: string;
  capabilities: string[];
  /** As they are stored: without what belongs to nested blocks. */
  fields: unknown;
  references: { name: string; checksum: string }[];
}

interface Catalogue {
  types: CatalogueType[];
  schemas: CatalogueSchema[];
}

const fileOf = (name: string): string =>
  readFileSync(new URL(`../../../catalogue/${name}`, import.meta.url), 'utf8');

/** One read where the database has them all; true when something was written. */
export async function registerBlocks(db: Database): Promise<boolean> {
  const mark = fileOf('blocks.sha256').trim();
  if ((await readCatalogueMark(db)) === mark) return false;
  await db.transaction(async () => {
    await register(db, readCatalogue());
    await writeCatalogueMark(db, mark);
  });
  return true;
}

/** Makes the protected ones what they were. */
export function installSystemBlocks(db: Database): Promise<void> {
  const { types, schemas } = readCatalogue();
  const system = types.filter(({ is_protected }) => is_protected);
  const slugs = new Set(system.map(({ slug }) => slug));
  const own = schemas.filter(({ slug }) => slugs.has(slug));
  return db.transaction(() => register(db, { types: system, schemas: own }));
}

const readCatalogue = (): Catalogue => parseJson(fileOf('blocks.json')) as Catalogue;

async function register(db: Database, { types, schemas }: Catalogue): Promise<void> {
  const ids = await registerTypes(db, types);
  const { block_schema } = db.tables;
  const checksums = schemas.map(({ checksum }) => checksum);
  const select = { id: block_schema.id, checksum: block_schema.checksum, version: block_schema.version };
  const known = await db.orm
    .select(select)
    .from(block_schema)
    .where(db.dialect.isIn(block_schema.checksum, checksums));
  const missing = schemas.filter(
    (schema) =>
      !known.some(({ checksum, version }) => checksum === schema.checksum && version === schema.version),
  );
  if (missing.length === 0) return;
  const made = await db.orm
    .insert(block_schema)
    .values(missing.map((schema) => schemaRow(schema, ids.get(schema.slug)!)))
    .onConflictDoNothing({ target: [block_schema.checksum, block_schema.version] })
    .returning(select);
  await registerReferences(db, schemas, [...known, ...made], made);
}

/** @returns  their ids by slug */
async function registerTypes(db: Database, types: CatalogueType[]): Promise<Map<string, string>> {
  const { block_type } = db.tables;
  const slugs = types.map(({ slug }) => slug);
  const known = await db.orm.select().from(block_type).where(db.dialect.isIn(block_type.slug, slugs));
  const bySlug = new Map(known.map((type) => [type.slug, type]));
  const changed = types.filter((type) => {
    const current = bySlug.get(type.slug);
    return !current || current.is_protected !== type.is_protected || !saysTheSame(type, current);
  });
  if (changed.length === 0) return new Map(known.map(({ slug, id }) => [slug, id]));
  const moment = now();
  const fresh = (column: keyof CatalogueType | 'updated') => sql.raw(`excluded.${column}`);
  const written = await db.orm
    .insert(block_type)
    .values(changed.map((type) => ({ ...type, created: moment, updated: moment })))
    .onConflictDoUpdate({
      target: block_type.slug,
      set: {
        name: fresh('name'),
        logo_url: fresh('logo_url'),
        documentation_url: fresh('documentation_url'),
        description: fresh('description'),
        code_example: fresh('code_example'),
        is_protected: fresh('is_protected'),
        updated: fresh('updated'),
      },
    })
    .returning({ id: block_type.id, slug: block_type.slug });
  return new Map([...known, ...written].map(({ slug, id }) => [slug, id]));
}

function schemaRow({ checksum, version, capabilities, fields }: CatalogueSchema, block_type_id: string) {
  const moment = now();
  const own = { checksum, version, capabilities, fields: JsonText.of(fields), block_type_id };
  return { ...own, created: moment, updated: moment };
}

type SchemaKey = Pick<CatalogueSchema, 'checksum' | 'version'> & { id: string };

/** Only of schemas that are new: the others have theirs. */
async function registerReferences(
  db: Database,
  schemas: CatalogueSchema[],
  all: SchemaKey[],
  made: SchemaKey[],
): Promise<void> {
  const { block_schema_reference } = db.tables;
  const idOf = new Map<string, string>();
  // Of two versions with one checksum the older is meant: the catalogue has it last here, and the last one stays.
  for (const { checksum, version } of [...schemas].reverse()) {
    const found = all.find((one) => one.checksum === checksum && one.version === version);
    if (found) idOf.set(checksum, found.id);
  }
  const rows = made.flatMap(({ id, checksum, version }) => {
    const schema = schemas.find((one) => one.checksum === checksum && one.version === version)!;
    return schema.references.map((reference) => {
      const moment = now();
      return {
        name: reference.name,
        parent_block_schema_id: id,
        reference_block_schema_id: idOf.get(reference.checksum)!,
        created: moment,
        updated: moment,
      };
    });
  });
  if (rows.length > 0) await db.orm.insert(block_schema_reference).values(rows);
}
