import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../failure.ts';

/** `database revision`: makes a revision where the sources are; the package has no schema to make one from. */
export function makeRevision({ message }: { message?: string }): never {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  if (!existsSync(`${root}src/migrations/generate/main.ts`))
    throw new CommandError(
      'no_sources',
      'A revision is made where the schema is written: run npm run generate -- "message" in a checkout of the sources.',
    );
  if (!message) throw new CommandError('usage', 'A revision needs a message: add -m "what it does".');
  const { status } = spawnSync('npm', ['run', '--silent', 'generate', '--', message], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
