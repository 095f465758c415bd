import { sql } from 'drizzle-orm';
import type { MigrationConnection } from '../connection.ts';

/** What a copy is of, as it was begun. */
export interface CopyOrigin {
  /** The source in words. */
  readonly source: string;
  /** The target's revision. */
  readonly revision: string;
  readonly app_version: string;
  /** Whether characters that the target can't hold were replaced. */
  readonly replaced: boolean;
}

/** How far a table has come. */
export interface CopiedRows {
  /** The key of the last row; null before the first. */
  readonly cursor: string | null;
  readonly rows: number;
  readonly checksum: string;
}

export interface CopyState {
  readonly origin: CopyOrigin;
  readonly tables: Map<string, CopiedRows>;
}

const ORIGIN = '';

export async function createCopyState(connection: MigrationConnection, origin: CopyOrigin): Promise<void> {
  await connection.transaction(async () => {
    await connection.query(
      sql`create table if not exists _copy (name varchar(63) not null primary key, state text not null)`,
    );
    await save(connection, ORIGIN, origin);
  });
}

export async function readCopyState(connection: MigrationConnection): Promise<CopyState> {
  const rows = await connection.query<{ name: string; state: string }>(sql`select name, state from _copy`);
  const parsed = new Map(rows.map(({ name, state }) => [name, JSON.parse(state)]));
  const origin = parsed.get(ORIGIN) as CopyOrigin;
  parsed.delete(ORIGIN);
  return { origin, tables: parsed };
}

export const saveCopied = (connection: MigrationConnection, table: string, copied: CopiedRows) =>
  save(connection, table, copied);

export async function forgetCopied(connection: MigrationConnection, table: string): Promise<void> {
  await connection.query(sql`delete from _copy where name = ${table}`);
}

/** From now on the target is a database like any other. */
export async function endCopyState(connection: MigrationConnection): Promise<void> {
  await connection.query(sql`drop table _copy`);
}

async function save(connection: MigrationConnection, name: string, state: unknown): Promise<void> {
  await connection.query(sql`
    insert into _copy (name, state) values (${name}, ${JSON.stringify(state)})
    on conflict (name) do update set state = excluded.state`);
}
