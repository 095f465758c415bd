import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { packageVersion } from '../../src/version.ts';
import { runFolder, uniqueName } from '../support/engine.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * A script, `migrate-process.ts` unless it is named, with all that it imports as JavaScript in a folder of its own, laid out as the package is: such a
 * process starts in a quarter of the time, and tests start hundreds.
 */
export async function bundleProcess(script = 'migrate-process'): Promise<string> {
  const folder = join(runFolder(), uniqueName('process'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', version: packageVersion() }));
  symlinkSync(here('../../node_modules'), join(folder, 'node_modules'));
  symlinkSync(stepFolder(), join(folder, 'data'));
  const bundle = await rolldown({
    input: here(`${script}.ts`),
    platform: 'node',
    external: ['better-sqlite3', 'pg'],
  });
  await bundle.write({ dir: join(folder, 'dist'), entryFileNames: '[name].js' });
  return join(folder, 'dist', `${script}.js`);
}

/** Where chains of the run have their data steps. */
function stepFolder(): string {
  const folder = join(runFolder(), 'data');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}

/** Writes a data step in plain JavaScript, both as the source and as what is compiled of it; gives its name. */
export function writeStep(slug: string, text: string): string {
  const name = uniqueName(slug);
  for (const end of ['ts', 'js']) writeFileSync(join(stepFolder(), `${name}.${end}`), text);
  return name;
}
