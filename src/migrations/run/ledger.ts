import { sql } from 'drizzle-orm';
import { now } from '../../time/timestamp.ts';
import type { Revision } from '../chain/revisions.ts';
import { type DownLabel, type DownScript, readDownScript } from '../chain/script.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';

/** One applied revision. */
export interface LedgerRow {
  id: string;
  applied_at: string;
  name: string;
  parent: string | null;
  checksum: string;
  label: DownLabel;
  breaking: boolean;
  down_sql: string;
  duration_ms: number;
  app_version: string;
}

/** The same words on both engines. The parent is unique since a chain has no branches; NULL is the first revision's. */
const CREATE = sql`
  create table if not exists _migrations (
    id varchar(12) not null primary key,
    applied_at text not null,
    name text not null,
    parent varchar(12) unique,
    checksum varchar(64) not null,
    label text not null,
    breaking boolean not null,
    down_sql text not null,
    duration_ms integer not null,
    app_version text not null
  )`;

export async function createLedger(connection: MigrationConnection): Promise<void> {
  await connection.query(CREATE);
}

/** The applied revisions from the first to the head; the table must be there. */
export async function readLedger(connection: MigrationConnection): Promise<LedgerRow[]> {
  let rows: LedgerRow[];
  try {
    rows = await connection.query<LedgerRow>(sql`
      select id, applied_at, name, parent, checksum, label, breaking, down_sql, duration_ms, app_version
      from _migrations`);
  } catch (error) {
    if (!/column/i.test(String(error))) throw error;
    throw new MigrationError(
      'not_ours',
      `${connection.place} has a table _migrations of another program: ${connection.elsewhere}.`,
      { cause: error },
    );
  }
  return inOrder(
    rows.map((row) => ({ ...row, breaking: Boolean(row.breaking) })),
    connection,
  );
}

/** Reads the way back that a row keeps. */
export function readDown({ id, name, down_sql }: Pick<LedgerRow, 'id' | 'name' | 'down_sql'>): DownScript {
  const refuse = (what: string) =>
    new MigrationError(
      'changed',
      `The way back of revision ${id} (${name}) ${what}: restore the ledger (_migrations) from a backup.`,
    );
  return readDownScript(down_sql, refuse);
}

export async function writeLedgerRow(
  connection: MigrationConnection,
  revision: Revision,
  durationMs: number,
  appVersion: string,
): Promise<void> {
  const { id, slug, parent, checksum, label, breaking } = revision;
  await connection.query(sql`
    insert into _migrations
      (id, applied_at, name, parent, checksum, label, breaking, down_sql, duration_ms, app_version)
    values (${id}, ${now()}, ${slug}, ${parent}, ${checksum}, ${label}, ${breaking ? sql`true` : sql`false`},
      ${wayBack(revision)}, ${durationMs}, ${appVersion})`);
}

/** A version that doesn't know the revision must at least know that there was a data step. */
function wayBack({ downSql, data }: Revision): string {
  return data === null ? downSql : downSql.replace(/^-- Down: .*$/m, `$&\n-- Data: ${data.name}`);
}

function inOrder(rows: LedgerRow[], { place }: MigrationConnection): LedgerRow[] {
  const byParent = new Map(rows.map((row) => [row.parent, row]));
  const ordered: LedgerRow[] = [];
  for (let row = byParent.get(null); row && ordered.length < rows.length; row = byParent.get(row.id))
    ordered.push(row);
  if (ordered.length === rows.length) return ordered;
  throw new MigrationError(
    'changed',
    `${place} has a ledger (_migrations) whose revisions don't follow one another: restore the table from a backup, or do what prefect-server database doctor says of it.`,
  );
}
