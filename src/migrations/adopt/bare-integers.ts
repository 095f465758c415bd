import { sql } from 'drizzle-orm';
import type { MigrationConnection } from '../connection.ts';

/** Columns of JSON whose document is whatever the user gave. */
const FREE = [
  ['variable', 'value'],
  ['artifact', 'data'],
  ['artifact_collection', 'data'],
] as const;

/**
 * SQLite keeps a document that is only an integer as one of 64 bits, where Prefect has written it; the driver reads it as
 * a double, so that 9007199254740993 would come out as another. As bytes, the form in which we write numbers, it
 * stays what it is, for Prefect too.
 */
export async function keepBareIntegers(connection: MigrationConnection): Promise<void> {
  if (connection.chain !== 'sqlite') return;
  for (const [table, column] of FREE) {
    const value = sql.identifier(column);
    await connection.query(
      sql`update ${sql.identifier(table)} set ${value} = cast(cast(${value} as text) as blob)
        where typeof(${value}) = 'integer'
          and ${value} not between ${sql.raw(`-${Number.MAX_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`)}`,
    );
  }
}
