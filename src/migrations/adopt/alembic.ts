import { sql } from 'drizzle-orm';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';

/**
 * What stands there in a database that we have taken over: Prefect then says that it can't locate this revision, and
 * changes nothing, where it would otherwise run its next migrations on tables that aren't its own any more. Without
 * the table it would begin with its first migration, and fail at a table that is there already.
 */
export const ADOPTED = 'adopted by prefect-server';

/** The revisions that Alembic's table names: one, if all is well. The table must be there. */
export async function readAlembic(connection: MigrationConnection): Promise<string[]> {
  try {
    const rows = await connection.query<{ version_num: string }>(sql`
      select version_num from alembic_version order by version_num`);
    return rows.map((row) => row.version_num);
  } catch (error) {
    if (!/version_num/.test(String(error))) throw error;
    throw new MigrationError(
      'not_ours',
      `${connection.place} has a table alembic_version of another program: ${connection.elsewhere}.`,
      { cause: error },
    );
  }
}

/** The same words as Alembic's own, on both engines. */
const CREATE = sql`
  create table if not exists alembic_version (
    version_num varchar(32) not null,
    constraint alembic_version_pkc primary key (version_num)
  )`;

/** To be called in a transaction. */
export async function writeAlembic(connection: MigrationConnection, revision: string): Promise<void> {
  await connection.query(CREATE);
  await connection.query(sql`delete from alembic_version`);
  await connection.query(sql`insert into alembic_version (version_num) values (${revision})`);
}
