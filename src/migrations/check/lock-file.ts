import { basename } from 'node:path';
import { isConflictMarker } from '../rebase/conflicts.ts';
import type { ChainFiles } from '../repository/files.ts';
import { LOCK_FILE, type LockFile } from '../repository/lock-file.ts';
import type { Failure } from './check.ts';

/** Whether each revision is what it was when it was generated. */
export function checkLock(chains: readonly ChainFiles[], lock: LockFile): Failure[] {
  const [broken] = lock.broken;
  if (broken) {
    const what = isConflictMarker(broken.text)
      ? 'has conflict markers of git: run npm run migrations:rebase'
      : `line ${broken.line} is no checksum with a revision: run git checkout -- drizzle/${LOCK_FILE}`;
    return [{ rule: 'lock', message: `drizzle/${LOCK_FILE} ${what}.` }];
  }
  return chains.flatMap((files) => [...edited(files, lock), ...gone(files, lock)]);
}

function edited({ chain, revisions }: ChainFiles, lock: LockFile): Failure[] {
  return revisions.flatMap(({ revision, place }): Failure[] => {
    const locked = lock.revisions.filter((one) => one.chain === chain && one.folder === revision.folder);
    if (locked.length === 1 && locked[0]!.checksum === revision.checksum) return [];
    const accept = 'if that is meant and it has not landed, run npm run generate:check -- --accept';
    const message =
      locked.length === 0
        ? `${place} isn't in revisions.lock: ${accept}.`
        : `${place} was edited after it was generated: bring it back with git checkout -- ${place}, or ${accept}.`;
    return [{ rule: 'lock', chain, message }];
  });
}

function gone({ chain, place, revisions, unreadable }: ChainFiles, lock: LockFile): Failure[] {
  const there = new Set([...revisions, ...unreadable].map((one) => basename(one.place)));
  return lock.revisions
    .filter((one) => one.chain === chain && !there.has(one.folder))
    .map(({ folder }) => ({
      rule: 'lock',
      chain,
      message: `${place}/${folder} is in revisions.lock but not there: run git checkout -- ${place}/${folder}.`,
    }));
}
