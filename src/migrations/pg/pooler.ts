import type { Client } from 'pg';
import { MigrationError } from '../errors.ts';

const DIRECT = "set PREFECT_DATABASE_MIGRATION_URL to PostgreSQL's own address";

/**
 * Refuses a pooler that gives each transaction another connection, as PgBouncer does in transaction mode: there the
 * lock would belong to a connection that is handed to others, and be held for as long as that lives.
 * @throws MigrationError
 */
export async function refusePooler(
  client: Client,
  connect: () => Promise<Client>,
  place: string,
): Promise<void> {
  const pid = await backendOf(client);
  // A pooler makes up the number that it tells its clients.
  if ((client as Client & { processID: number | null }).processID === pid) return;
  const second = await connect();
  try {
    // In session mode each client keeps its own; in transaction mode the one that was used last is given to the next, or
    // (server_round_robin) the one that has waited longest, which is another each time.
    for (let look = 0; look < 3; look++) {
      const other = await backendOf(second);
      const own = [await backendOf(client), await backendOf(client)];
      if (other === pid || own.some((one) => one !== pid)) throw pooled(place);
    }
  } finally {
    await second.end().catch(() => {});
  }
}

async function backendOf(client: Client): Promise<number> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
}

function pooled(place: string): MigrationError {
  return new MigrationError(
    'not_ours',
    `${place} is reached through a pooler in transaction mode (PgBouncer), where no lock of a migration holds: ${DIRECT}, ` +
      'and PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_STATEMENT_CACHE_SIZE=0 for serving.',
  );
}

/** PgBouncer refuses run-time parameters unless it is told to let them be. */
export function refusedByPooler(place: string, cause: unknown): MigrationError {
  return new MigrationError(
    'not_ours',
    `${place} is reached through a pooler that refuses run-time parameters (PgBouncer): ${DIRECT}, put ` +
      "ignore_startup_parameters = options into pgbouncer.ini, and run ALTER ROLE ... SET timezone = 'UTC' for the server's user.",
    { cause },
  );
}
