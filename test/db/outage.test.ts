import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import SqliteDriver from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { DatabaseUnavailable, unwrapDatabaseError } from '../../src/db/errors.ts';
import { openDatabase } from '../../src/db/open.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createTestDatabase } from '../support/database.ts';

interface Outage {
  target: DatabaseTarget;
  begin(): Promise<void>;
  end(): Promise<void>;
}

const write = (db: Database, name: string) =>
  db.transaction(async () => {
    await db.orm.insert(db.tables.flow).values({ name, tags: [] });
  });

test('while the database is away requests fail as unavailable, and afterwards all is well without a restart', async () => {
  const { target, dispose } = await createTestDatabase();
  const outage = await prepareOutage(target);
  const db = await openDatabase(outage.target);
  try {
    await write(db, 'before');
    await outage.begin();
    for (let i = 0; i < 3; i++) {
      const error = await write(db, `during ${i}`).then(() => undefined, unwrapDatabaseError);
      expect(error).toBeInstanceOf(DatabaseUnavailable);
    }
    await outage.end();
    await write(db, 'after').catch(() => write(db, 'after'));
    const rows = await db.orm.select({ name: db.tables.flow.name }).from(db.tables.flow);
    expect(rows.map(({ name }) => name).sort()).toEqual(['after', 'before']);
  } finally {
    await db.close();
    await outage.end();
    await dispose();
  }
});

/** PostgreSQL behind a proxy that drops every connection; a SQLite file that another process has locked. */
function prepareOutage(target: DatabaseTarget): Promise<Outage> {
  return target.backend === 'postgres' ? proxyOutage(target) : lockOutage(target);
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

async function proxyOutage(target: DatabaseTarget & { backend: 'postgres' }): Promise<Outage> {
  const open = new Set<Socket>();
  let away = false;
  const proxy = createServer((client) => {
    if (away) return client.destroy();
    const server = connect(target.port, target.host);
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxy.unref();
  return {
    target: { ...target, host: '127.0.0.1', port: (proxy.address() as { port: number }).port },
    async begin() {
      away = true;
      for (const socket of open) socket.destroy();
    },
    async end() {
      away = false;
    },
  };
}
