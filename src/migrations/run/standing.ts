import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { LEDGER } from '../catalog/book-keeping.ts';

/** Where a database is that is being served, seen from the revision that it was at when the server started. */
export type Standing =
  /** There, or past it by what an older version can live with. */
  | 'same'
  /** Somebody has undone the revision, or the database is another one. */
  | 'behind'
  /** Past it by a revision that breaks older versions. */
  | 'ahead';

interface Applied {
  id: string;
  parent: string | null;
  breaking: boolean | number;
}

/** One read of a table of a few rows, so that a probe may ask for it. */
export async function standingOf(db: Database, revision: string): Promise<Standing> {
  const rows = await ledgerOf(db);
  if (!rows.some(({ id }) => id === revision)) return 'behind';
  const after = new Map(rows.map((row) => [row.parent, row]));
  let left = rows.length;
  for (let next = after.get(revision); next && left > 0; next = after.get(next.id), left--)
    if (next.breaking) return 'ahead';
  return 'same';
}

async function ledgerOf(db: Database): Promise<Applied[]> {
  try {
    return await db.execute<Applied>(sql`select id, parent, breaking from ${sql.identifier(LEDGER)}`);
  } catch (error) {
    if (isWithoutTable(error)) return [];
    throw error;
  }
}

/** Given back to Prefect, or emptied. */
function isWithoutTable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (/no such table|relation "?_migrations"? does not exist/.test(at.message)) return true;
  return false;
}
