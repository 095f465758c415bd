import type { Client } from 'pg';
import { builtConcurrently, runsAlone } from './alone.ts';
import { AS_SENT, BASE_TYPES, type ReadText } from './rows.ts';

export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // Fails when the connection is gone, and the transaction with it.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** An index that is built beside its table's traffic waits for others and holds up none of them, so it may wait long. */
export async function runStatement(client: Client, statement: string): Promise<void> {
  if (!runsAlone(statement)) {
    await client.query(statement);
    return;
  }
  await client.query('set lock_timeout = 0');
  try {
    const index = builtConcurrently(statement);
    if (index !== null) await dropInvalid(client, index);
    await client.query(statement);
  } finally {
    await client.query('reset lock_timeout').catch(() => {});
  }
}

/** What a killed CREATE INDEX CONCURRENTLY left behind bears the name, and IF NOT EXISTS would be content with it. */
async function dropInvalid(client: Client, index: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', current_schema(), c.relname) as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relname = $1 and c.relnamespace = quote_ident(current_schema())::regnamespace and not i.indisvalid`,
    [index],
  );
  if (rows[0]) await client.query(`drop index concurrently if exists ${rows[0].name}`);
}

export async function readText(
  client: Client,
  text: string,
  params: readonly unknown[] = [],
): Promise<Awaited<ReturnType<ReadText>>> {
  const result = await client.query({ text, values: [...params], types: AS_SENT });
  const names = new Map<string, string>();
  for (const { name, dataTypeID } of result.fields) names.set(name, BASE_TYPES[dataTypeID] ?? 'text');
  return { rows: result.rows, types: names };
}
