import { and, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { errors } from '../../errors.ts';
import { isObject } from '../../json/schema/types.ts';
import { now } from '../../time/timestamp.ts';
import { linksBelow } from './schema-query.ts';
import type { Data } from './secrets.ts';

/** A member of a block's data that is another block. */
export interface BlockReference {
  name: string;
  id: string;
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** References stand at the top of the data only, as in Prefect; deeper ones are plain data. */
export function separateReferences(data: Data): { own: Data; references: BlockReference[] } {
  const references: BlockReference[] = [];
  const own = Object.entries(data).filter(([name, value]) => {
    if (!isObject(value) || value['$ref'] === undefined) return true;
    references.push({ name, id: referencedId(name, value['$ref']) });
    return false;
  });
  // An object that nothing was taken from keeps its spelling.
  return { own: references.length === 0 ? data : Object.fromEntries(own), references };
}

function referencedId(name: string, reference: unknown): string {
  const id = isObject(reference) ? (reference['block_document_id'] ?? null) : null;
  if (id === null) {
    throw errors.badRequest(`Received block reference without a block_document_id in key ${name}`);
  }
  if (typeof id !== 'string' || !UUID.test(id)) {
    throw errors.badRequest(`The block reference in key ${name} must have the id of a block document.`);
  }
  return id
    .toLowerCase()
    .replaceAll('-', '')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Makes these the references of a block; those that stay aren't written anew. */
export async function writeReferences(db: Database, parent: string, wanted: BlockReference[]): Promise<void> {
  const { block_document_reference: table } = db.tables;
  const current = await db.orm
    .select({ rowId: table.id, name: table.name, id: table.reference_block_document_id })
    .from(table)
    .where(eq(table.parent_block_document_id, parent));
  const isSame = (a: BlockReference) => (b: BlockReference) => a.name === b.name && a.id === b.id;
  const gone = current.filter((one) => !wanted.some(isSame(one))).map(({ rowId }) => rowId);
  if (gone.length > 0) await db.orm.delete(table).where(and(db.dialect.isIn(table.id, gone)));
  await insertReferences(
    db,
    parent,
    wanted.filter((one) => !current.some(isSame(one))),
  );
}

export async function insertReferences(
  db: Database,
  parent: string,
  references: BlockReference[],
): Promise<void> {
  if (references.length === 0) return;
  const { block_document_reference: table } = db.tables;
  await refuseCircle(db, parent, references);
  const rows = references.map(({ name, id }) => {
    const moment = now();
    return {
      name,
      parent_block_document_id: parent,
      reference_block_document_id: id,
      created: moment,
      updated: moment,
    };
  });
  await db.orm.insert(table).values(rows);
}

async function refuseCircle(db: Database, parent: string, references: BlockReference[]): Promise<void> {
  const { block_document_reference: table } = db.tables;
  const columns = {
    table,
    parent: table.parent_block_document_id,
    child: table.reference_block_document_id,
  };
  const ids = references.map(({ id }) => id);
  const links = await linksBelow(db, columns, ids);
  const leadsBack = (id: string): boolean => {
    const reached = new Set([id]);
    for (const at of reached) for (const link of links) if (link.parent === at) reached.add(link.child);
    return reached.has(parent);
  };
  const bad = ids.find(leadsBack);
  if (bad === undefined) return;
  throw errors.badRequest(
    `Cannot create block document reference: it would introduce a cycle into the block_document_reference graph (parent=${parent}, reference=${bad}).`,
  );
}
