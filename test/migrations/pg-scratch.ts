import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import pg from 'pg';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { readPgCatalog } from '../../src/migrations/pg/catalog.ts';
import { describeCatalog, isColumnOrder } from '../support/catalog-text.ts';
import { createEmptyTarget } from '../support/engine.ts';

/** A database in which every built schema is one of PostgreSQL's own schemas: those are made in no time. */
export interface Scratch {
  /** An empty one, which is the current one from then on. */
  begin(): Promise<void>;
  run(statements: readonly string[], how?: 'one transaction' | 'one by one'): Promise<void>;
  rows(query: string): Promise<Record<string, unknown>[]>;
  facts(): Promise<string[]>;
  dispose(): Promise<void>;
}

export async function createScratch(): Promise<Scratch> {
  const { target, dispose } = await createEmptyTarget('postgres');
  if (target.backend !== 'postgres') throw new Error('not PostgreSQL');
  const { host, port, user, database } = target;
  const client = new pg.Client({ host, port, user: user ?? undefined, database });
  await client.connect();
  await client.query('create extension pg_trgm');
  let count = 0;
  return {
    async begin() {
      count += 1;
      await client.query(`create schema s${count}`);
      await client.query(`set search_path = s${count}, public`);
    },
    async run(statements, how = 'one by one') {
      if (how === 'one by one') {
        for (const statement of statements) await client.query(statement);
        return;
      }
      await client.query('begin');
      try {
        for (const statement of statements) await client.query(statement);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
    rows: async (query) => (await client.query(query)).rows,
    facts: () => facts(client),
    async dispose() {
      await client.end();
      await dispose();
    },
  };
}

/** With what the catalog leaves out because SQLite has nothing like it. */
async function facts(client: pg.Client): Promise<string[]> {
  const catalog = await readPgCatalog(async (text) => (await client.query(text)).rows);
  const { rows } = await client.query<{ fact: string }>(`
    select 'sequence ' || sequencename || ' ' || concat_ws(' ', data_type, start_value, min_value, max_value,
      increment_by, cycle, cache_size) as fact from pg_sequences where schemaname = current_schema()
    union all select 'options ' || relname || ' ' || reloptions::text from pg_class
      where relnamespace = current_schema()::regnamespace and reloptions is not null
    union all select 'not valid ' || conname from pg_constraint
      where connamespace = current_schema()::regnamespace and not convalidated
    union all select 'type ' || typname from pg_type
      where typnamespace = current_schema()::regnamespace and typtype = 'e'`);
  const schema = (await client.query('select current_schema() as name')).rows[0].name as string;
  return [...describeCatalog(catalog).filter((fact) => !isColumnOrder(fact)), ...rows.map(({ fact }) => fact)]
    .map((fact) => fact.replaceAll(`${schema}.`, ''))
    .sort();
}

/** drizzle-kit's own statements: right for a new schema, and for many a change. */
export async function kitStatements(from: SchemaModules, to: SchemaModules): Promise<string[]> {
  const read = (modules: SchemaModules) =>
    JSON.parse(
      JSON.stringify(generateDrizzleJson(modules), (_key, value) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    );
  const statements = await generateMigration(read(from), read(to));
  return statements.map((statement) => statement.replaceAll('"public".', ''));
}
