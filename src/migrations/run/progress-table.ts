import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { now } from '../../time/timestamp.ts';
import { packageVersion } from '../../version.ts';
import type { MigrationConnection } from '../connection.ts';

/** How far a revision has come that isn't one transaction; gone when the ledger has (or no longer has) the revision. */
export interface ProgressRow {
  readonly revision: string;
  readonly direction: 'up' | 'down';
  /** Of what is done: the statements so far, and from then on of the data step as well. */
  readonly checksum: string;
  readonly statements_done: number;
  /** The last row that its data step has done; null before the first. */
  readonly data_key: string | null;
  readonly rows_done: number;
  /** As counted when the data step began; null before. */
  readonly rows_total: number | null;
  readonly app_version: string;
}

const CREATE = sql`
  create table if not exists _migration_progress (
    revision varchar(12) not null primary key,
    direction varchar(4) not null,
    checksum varchar(64) not null,
    statements_done integer not null,
    data_key text,
    rows_done bigint not null,
    rows_total bigint,
    app_version text not null,
    updated_at text not null
  )`;

export async function createProgressTable(connection: MigrationConnection): Promise<void> {
  await connection.query(CREATE);
}

/** The table must be there. There is never more than one, since nothing goes on before it is finished. */
export async function readProgress(connection: MigrationConnection): Promise<ProgressRow | null> {
  const [row] = await connection.query<ProgressRow>(sql`
    select revision, direction, checksum, statements_done, data_key, rows_done, rows_total, app_version
    from _migration_progress order by updated_at desc limit 1`);
  return row ?? null;
}

export async function saveProgress(
  connection: MigrationConnection,
  progress: Omit<ProgressRow, 'app_version'>,
): Promise<void> {
  const { revision, direction, checksum, statements_done, data_key, rows_done, rows_total } = progress;
  await connection.query(sql`
    insert into _migration_progress
      (revision, direction, checksum, statements_done, data_key, rows_done, rows_total, app_version, updated_at)
    values (${revision}, ${direction}, ${checksum}, ${statements_done}, ${data_key}, ${rows_done}, ${rows_total},
      ${packageVersion()}, ${now()})
    on conflict (revision) do update set direction = excluded.direction, checksum = excluded.checksum,
      statements_done = excluded.statements_done, data_key = excluded.data_key, rows_done = excluded.rows_done,
      rows_total = excluded.rows_total, app_version = excluded.app_version, updated_at = excluded.updated_at`);
}

export async function clearProgress(connection: MigrationConnection, revision: string): Promise<void> {
  await connection.query(sql`delete from _migration_progress where revision = ${revision}`);
}

/** Of the statements that are done: those that come after may still be put right. */
export function checksumOfDone(statements: readonly string[], done: number): string {
  return createHash('sha256').update(statements.slice(0, done).join('\0')).digest('hex');
}
