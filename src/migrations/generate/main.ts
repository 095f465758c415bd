import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MigrationError } from '../errors.ts';
import { pgGenerator } from '../pg/generate.ts';
import { sqliteGenerator } from '../sqlite/generate.ts';
import type { DialectGenerator, SchemaModules } from './dialect.ts';
import { type Chain, generateRevisions } from './generate.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Reads where the schema and the chain of a dialect are from its drizzle config, the one place that says so. */
async function loadChain(generator: DialectGenerator): Promise<Chain> {
  const { default: config } = await load(`drizzle.${generator.chain}.config.ts`);
  const { schema, out } = config as { schema: string[]; out: string };
  const modules: SchemaModules = {};
  for (const path of schema) Object.assign(modules, await load(path));
  return { generator, schema: modules, folder: join(root, out) };
}

function load(path: string): Promise<Record<string, unknown>> {
  return import(pathToFileURL(join(root, path)).href);
}

async function main(message: string): Promise<void> {
  const chains = [await loadChain(sqliteGenerator), await loadChain(pgGenerator)];
  const notesFolder = dirname(chains[0]!.folder);
  const revisions = await generateRevisions({ chains, notesFolder, message });
  if (revisions.length === 0) console.log('Nothing has changed in the schemas: no revision is needed.');
  for (const { engine, folder, statements } of revisions) {
    console.log(`${engine}: ${relative(root, folder)} (${statements} statements)`);
  }
}

try {
  await main(process.argv.slice(2).join(' '));
} catch (error) {
  if (!(error instanceof MigrationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
