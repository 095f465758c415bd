import type { Client } from 'pg';
import type { Catalog } from '../catalog/catalog.ts';
import type { Revision } from '../chain/revisions.ts';
import { readPgCatalog } from './catalog.ts';

/** A value that an enumeration has got in this transaction can't be used in it before PostgreSQL 17. */
const UNSAFE_NEW_VALUE = '55P04';

/**
 * What the revisions build, by running them in the schema of the session's temporary tables: no right to create anything
 * is needed, nobody sees it, and nothing is left. The search path names no other schema, so that no statement can
 * reach the real tables. Ends the connection.
 */
export async function replayPg(client: Client, revisions: readonly Revision[]): Promise<Catalog> {
  try {
    const trigrams = await trigramSchema(client);
    const scripts = revisions.map((revision) =>
      revision.statements.map((statement) => inTemporarySchema(statement, trigrams)),
    );
    const catalog = await replay(client, scripts);
    return trigrams === null ? withTrigrams(catalog) : catalog;
  } finally {
    await client.end().catch(() => {});
  }
}

async function replay(client: Client, scripts: string[][]): Promise<Catalog> {
  try {
    await begin(client);
    for (const script of scripts) await runAll(client, script);
    return await read(client);
  } catch (error) {
    if ((error as { code?: string }).code !== UNSAFE_NEW_VALUE) throw error;
    await client.query('rollback');
    for (const script of scripts) {
      await begin(client);
      await runAll(client, script);
      await client.query('commit');
    }
    await begin(client);
    return await read(client);
  }
}

/** The path is the transaction's, so that a pooler between can't send a statement to where it isn't set. */
async function begin(client: Client): Promise<void> {
  await client.query('begin');
  await client.query('set local search_path = pg_temp');
}

/** All in one message: a statement each would cost its way to the server and back some hundred times. */
async function runAll(client: Client, script: string[]): Promise<void> {
  const text = script.map((statement) => `${statement.replace(/;\s*$/, '')}\n;`).join('\n');
  if (text !== '') await client.query(text);
}

async function read(client: Client): Promise<Catalog> {
  const catalog = await readPgCatalog(async (text) => (await client.query(text)).rows, 'temporary');
  await client.query('rollback');
  return catalog;
}

async function trigramSchema(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(nspname) as name from pg_extension e join pg_namespace n on n.oid = e.extnamespace
     where extname = 'pg_trgm'`,
  );
  return rows[0]?.name ?? null;
}

const CREATES_EXTENSION = /^(?:\s|--.*\n)*create\s+extension\b/i;
const TRIGRAMS = /(?<![\w."])gin_trgm_ops\b/g;

/** Extensions are the database's: they are neither made nor needed by the replay. */
function inTemporarySchema(statement: string, trigrams: string | null): string {
  if (CREATES_EXTENSION.test(statement)) return '';
  const plain = statement.replace(/\bconcurrently\b(?=([^']*'[^']*')*[^']*$)/gi, '');
  if (!plain.includes('gin_trgm_ops')) return plain;
  if (trigrams !== null) return plain.replace(TRIGRAMS, `${trigrams}.gin_trgm_ops`);
  return plain.replace(/\busing\s+gin\b/i, 'USING btree').replace(TRIGRAMS, 'text_pattern_ops');
}

/** Without the extension its indexes are made as others that nothing else uses, and told as what they stand for. */
function withTrigrams(catalog: Catalog): Catalog {
  const tables = Object.entries(catalog.tables).map(([name, table]) => {
    const indexes = table.indexes.map((index) => {
      if (!index.keys.some((key) => key.opclass === 'text_pattern_ops')) return index;
      const definition = index.definition
        .replace('USING btree', 'USING gin')
        .replaceAll('text_pattern_ops', 'gin_trgm_ops');
      const keys = index.keys.map((key) => ({
        ...key,
        desc: null,
        nulls: null,
        opclass: key.opclass === 'text_pattern_ops' ? 'gin_trgm_ops' : key.opclass,
      }));
      return { ...index, method: 'gin', keys, definition };
    });
    return [name, { ...table, indexes }] as const;
  });
  return { ...catalog, tables: Object.fromEntries(tables) };
}
