import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareCatalogs } from '../../src/migrations/catalog/diff.ts';
import { expectedCatalog } from '../../src/migrations/catalog/expected.ts';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { migrate } from '../../src/migrations/run/upgrade.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { on, run } from '../migrations/inspect.ts';
import { describeCatalog } from '../support/catalog-text.ts';
import { asSuperuser, createEmptyTarget, type EmptyTarget, uniqueName } from '../support/engine.ts';

const chain = readChain(chainFolder('pg'));
const head = chain.at(-1)!.id;

let place: EmptyTarget;
let target: PostgresTarget;
beforeEach(async () => {
  place = await createEmptyTarget('postgres');
  target = place.target as PostgresTarget;
});
afterEach(() => place.dispose());

const TEMPORARY = sql.raw(
  String.raw`select relname from pg_class join pg_namespace n on n.oid = relnamespace where nspname like 'pg\_temp\_%'`,
);

test('the replay leaves nothing in the temporary schema and opens no connection that stays', async () => {
  await on(target, async (connection) => {
    await expectedCatalog(connection, chain, head);
    expect(await connection.query(TEMPORARY)).toEqual([]);
    const others = sql`select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    await expect.poll(() => connection.query(others)).toEqual([]);
  });
});

test('without pg_trgm the trigram indexes are expected all the same, and only they and it are missing', async () => {
  await migrate(target, { log: () => {} });
  await run(target, 'drop extension pg_trgm cascade');
  await on(target, async (connection) => {
    const found = await connection.catalog();
    const missing = compareCatalogs(await expectedCatalog(connection, chain, head), found);
    await connection.run('create extension pg_trgm');
    expect(missing.map(({ change }) => change)).toEqual(missing.map(() => 'missing'));
    expect(missing.filter(({ kind }) => kind === 'extension')).toHaveLength(1);
    const indexes = missing.filter(({ kind }) => kind === 'index');
    expect(indexes).toHaveLength(missing.length - 1);
    const real = describeCatalog(await expectedCatalog(connection, chain, head));
    for (const { expected } of indexes) expect(real).toContain(expected);
    expect(indexes.map(({ name }) => name)).toContain('trgm_ix_flow_run_name');
  });
});

test('a role that may create nothing but temporary tables, and a search path of its own', async () => {
  const role = uniqueName('reader');
  await asSuperuser(async (client) => {
    await client.query(
      `create schema "Odd Name"; create schema tools; create extension pg_trgm schema tools`,
    );
    await client.query('revoke all on schema public from public');
    await client.query(`create role ${role} login; grant usage on schema "Odd Name", tools to ${role}`);
  }, target.database);
  try {
    const sessionParameters = { search_path: '"Odd Name", tools' };
    await on({ ...target, user: role, sessionParameters }, async (connection) => {
      const expected = await expectedCatalog(connection, chain, head);
      expect(describeCatalog(await connection.catalog())).toEqual(['extension pg_trgm']);
      expect(describeCatalog(expected)).toContain('flow: index trgm_ix_flow_name gin (name gin_trgm_ops)');
    });
  } finally {
    await asSuperuser((client) => client.query(`drop owned by ${role}; drop role ${role}`), target.database);
  }
});

test('a revision that drops what it never made does not reach the real tables', async () => {
  await run(target, 'create table precious (id integer)');
  const bad = {
    ...chain[0]!,
    statements: ['drop table if exists precious', 'drop table if exists "precious"'],
  };
  await on(target, async (connection) => {
    await connection.replay([bad]);
    expect(Object.keys((await connection.catalog()).tables)).toEqual(['precious']);
  });
});

test('a role that may not even make temporary tables is told what to grant', async () => {
  await migrate(target, { log: () => {} });
  const role = uniqueName('reader');
  const asOwner = (statement: string) => asSuperuser((client) => client.query(statement), target.database);
  await asOwner(`create role ${role} login; grant select on all tables in schema public to ${role}`);
  await asOwner(`revoke temporary on database ${target.database} from public`);
  try {
    const { findings } = await diagnose({ ...target, user: role });
    expect(findings.map(({ code }) => code)).toEqual(['catalog.unknown']);
    expect(findings[0]!.advice).toContain('GRANT TEMPORARY ON DATABASE');
    await asOwner(`grant temporary on database ${target.database} to ${role}`);
    expect((await diagnose({ ...target, user: role })).findings).toEqual([]);
  } finally {
    await asOwner(`drop owned by ${role}; drop role ${role}`);
  }
});
