import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MigrationError, reasonOf } from '../errors.ts';
import type { DialectGenerator, SchemaModules } from '../generate/dialect.ts';
import { pgGenerator } from '../pg/generate/generate.ts';
import { sqliteGenerator } from '../sqlite/generate/generate.ts';
import type { ChainSource } from './files.ts';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Sources {
  readonly chains: readonly ChainSource[];
  /** The folder with MIGRATION-NOTES.md, revisions.lock and the chains. */
  readonly notesFolder: string;
}

/** Both chains of this repository, each where its drizzle config, the one place that says so, puts it. */
export async function loadChains(): Promise<Sources> {
  const chains = [await loadChain(sqliteGenerator), await loadChain(pgGenerator)];
  return { chains, notesFolder: dirname(chains[0]!.folder) };
}

async function loadChain(generator: DialectGenerator): Promise<ChainSource> {
  const { default: config } = await load(`drizzle.${generator.chain}.config.ts`);
  const { schema, out } = config as { schema: string[]; out: string };
  const modules: SchemaModules = {};
  for (const path of schema) Object.assign(modules, await load(path));
  return { generator, schema: modules, folder: join(root, out) };
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(join(root, path)).href);
  } catch (error) {
    throw new MigrationError(
      'chain',
      `${path} can't be loaded (${reasonOf(error)}): put that right and run again.`,
      {
        cause: error,
      },
    );
  }
}
