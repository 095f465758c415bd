import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Our command as arguments for node: the built one where PREFECT_TEST_BUILT is 1 (as CI does), which starts in a
 * quarter of the time, else the sources, which are never stale.
 */
export function ourProgram(): string[] {
  return process.env['PREFECT_TEST_BUILT'] === '1' ? builtProgram() : fromSources(join(ROOT, 'src/main.ts'));
}

/** A command of TypeScript, as arguments for node. */
export function fromSources(main: string): string[] {
  return ['--import', import.meta.resolve('tsx'), main];
}

function builtProgram(): string[] {
  const main = join(ROOT, 'dist/main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run \`npm run build\` first.`);
  return [main];
}
