import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import SqliteDriver from 'better-sqlite3';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

/** A database that can be taken away and given back while somebody uses it. */
export interface Outage {
  /** The database, by the way that can be cut off. */
  target: DatabaseTarget;
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** PostgreSQL behind a proxy that drops every connection; a SQLite file that another process has locked. */
export function prepareOutage(target: DatabaseTarget): Promise<Outage> {
  return target.backend === 'postgres' ? proxyOutage(target, 'dropped') : lockOutage(target);
}

async function lockOutage(target: DatabaseTarget & { backend: 'sqlite' }): Promise<Outage> {
  const other = new SqliteDriver(target.file);
  return {
    target: { ...target, timeout: 0.2 },
    async begin() {
      other.exec('begin immediate');
    },
    async end() {
      if (other.inTransaction) other.exec('rollback');
    },
  };
}

/** Connections that are dropped tell of it; those that have fallen silent, as when a cable is pulled, don't. */
export async function proxyOutage(
  target: DatabaseTarget & { backend: 'postgres' },
  kind: 'dropped' | 'silent',
): Promise<Outage> {
  const pairs = new Set<[client: Socket, server: Socket]>();
  let away = false;
  const proxy = createServer((client) => {
    if (away && kind === 'dropped') return void client.destroy();
    const server = connect(target.port, target.host);
    const pair: [Socket, Socket] = [client, server];
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => pairs.delete(pair));
    }
    client.pipe(server).pipe(client);
    if (away) silence(pair);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxy.unref();
  return {
    target: { ...target, host: '127.0.0.1', port: (proxy.address() as { port: number }).port },
    async begin() {
      away = true;
      for (const pair of pairs)
        kind === 'dropped' ? pair.forEach((socket) => void socket.destroy()) : silence(pair);
    },
    async end() {
      away = false;
    },
  };
}

/** What they have said is lost for good. */
function silence([client, server]: [Socket, Socket]): void {
  client.unpipe().pause();
  server.unpipe().pause();
}
