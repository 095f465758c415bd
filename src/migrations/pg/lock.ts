import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { MigrationLock } from '../connection.ts';

/**
 * An advisory lock of the session. It is polled, never waited for: a waiting statement holds a snapshot, for which
 * CREATE INDEX CONCURRENTLY of the holder would wait in turn. PostgreSQL keeps the keys of databases apart, and the key
 * those of schemas.
 */
export function advisoryLock(client: Client, requireSession: () => Promise<void>): MigrationLock {
  let session: Promise<void> | undefined;
  let key: Promise<string> | undefined;
  const getKey = (): Promise<string> => {
    key ??= client
      .query<{ schema: string }>('select current_schema() as schema')
      .then(({ rows }) => keyOf(rows[0]!.schema));
    return key;
  };
  return {
    async tryAcquire() {
      session ??= requireSession();
      await session;
      const { rows } = await client.query('select pg_try_advisory_lock($1::bigint) as locked', [
        await getKey(),
      ]);
      return rows[0].locked as boolean;
    },
    async holder() {
      const { rows } = await client.query<Holder>(HOLDER, [await getKey()]);
      return rows[0] ? describe(rows[0]) : 'a process that is just ending';
    },
    async release() {
      await client.query('select pg_advisory_unlock($1::bigint)', [await getKey()]);
    },
  };
}

function keyOf(schema: string): string {
  return createHash('sha256')
    .update(`prefect-server migrations ${schema}`)
    .digest()
    .readBigInt64BE()
    .toString();
}

interface Holder {
  pid: number;
  name: string;
  address: string | null;
  seconds: number;
}

/** A key of 64 bits is kept in two halves. */
const HOLDER = `
  select a.pid, a.application_name as name, host(a.client_addr) as address,
    extract(epoch from now() - a.backend_start)::int as seconds
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32) | l.objid::bigint = $1::bigint`;

function describe({ pid, name, address, seconds }: Holder): string {
  const from = address ? ` from ${address}` : '';
  return `${name || 'a client without a name'}${from} (PostgreSQL's process ${pid}, connected ${seconds} s ago)`;
}
