import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { MigrationConnection } from '../connection.ts';

/** A server that has just been stopped leaves its connections behind for a moment. */
const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 200;

interface Client {
  pid: number;
  name: string | null;
  user: string;
  address: string | null;
  seconds: number | null;
}

/** Who else is connected to the database, in words; those that only wait to migrate it don't count. */
export async function pgUsers(connection: MigrationConnection, { patient = true } = {}): Promise<string[]> {
  const deadline = performance.now() + (patient ? PATIENCE_MS : 0);
  for (;;) {
    const clients = await connection.query<Client>(sql`
      select pid, application_name as name, usename as user, host(client_addr) as address,
        extract(epoch from clock_timestamp() - state_change)::int as seconds
      from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and coalesce(backend_type, 'client backend') = 'client backend'
        and coalesce(application_name, '') not like 'prefect-server migration%'
      order by backend_start limit 4`);
    if (clients.length === 0 || performance.now() >= deadline) return clients.map(describe);
    await sleep(LOOK_EVERY_MS);
  }
}

function describe({ pid, name, user, address, seconds }: Client): string {
  const from = address ? ` from ${address}` : '';
  const active = seconds === null ? '' : `, last active ${seconds} s ago`;
  return `${name || 'a client without a name'}${from} (PostgreSQL's process ${pid}, user ${user}${active})`;
}
