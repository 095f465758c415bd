import { spawnSync } from 'node:child_process';
import { LOCK_FILE, type LockFile, parseLockFile } from './lock-file.ts';

/** Where the others' work is, the first one that there is; a fork has it in `upstream`. */
const LANDED = ['upstream', 'origin'].flatMap((remote) =>
  ['HEAD', 'main', 'master'].map((ref) => `${remote}/${ref}`),
);

/** Prints what git prints, or null when git refuses or isn't there. */
export function git(folder: string, ...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? stdout : null;
}

export interface Landed {
  /** As git names it: `origin/main`. */
  readonly branch: string;
  /** Names of the folders of both chains. */
  readonly folders: ReadonlySet<string>;
}

/** The revisions that the main branch has; null outside of git, or where there is no such branch. */
export function landedRevisions(notesFolder: string): Landed | null {
  for (const branch of [...LANDED, 'main', 'master']) {
    if (git(notesFolder, 'rev-parse', '--verify', '--quiet', `${branch}^{commit}`) === null) continue;
    const lock = lockFileAt(notesFolder, branch);
    return { branch, folders: new Set(lock.revisions.map(({ folder }) => folder)) };
  }
  return null;
}

function lockFileAt(notesFolder: string, branch: string): LockFile {
  return parseLockFile(git(notesFolder, 'show', `${branch}:./${LOCK_FILE}`) ?? '');
}
