/** Puts revisions that two branches have added behind one another: one line again, each revision with the id it had. */

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameParts } from '../chain/folder-name.ts';
import { MigrationError } from '../errors.ts';
import { CHAINS } from '../generate/snapshots.ts';
import { type ChainFiles, type ChainSource, type RevisionFiles, readFiles } from '../repository/files.ts';
import { type Landed, landedRevisions } from '../repository/git.ts';
import { lockRevisions, readLockFile } from '../repository/lock-file.ts';
import { tidyNotes } from '../repository/tidy.ts';
import { resolveConflicts } from './conflicts.ts';
import { type NewOrder, newOrder, type Twins } from './order.ts';
import { type Move, planMoves } from './plan.ts';

export interface RebaseOptions {
  readonly chains: readonly ChainSource[];
  readonly notesFolder: string;
  /** What goes last: an id, or a unique beginning of one, of either chain. */
  readonly revision?: string;
  readonly now?: Date;
}

export interface RebaseResult {
  /** Files whose conflicts were resolved. */
  readonly resolved: readonly string[];
  /** In their new order. */
  readonly moved: readonly Move[];
  /** What the moved ones come after. */
  readonly onto: Twins | undefined;
  readonly landed: Landed | null;
}

/** @throws MigrationError, before it has changed anything but the conflicts that it could resolve */
export async function rebase(options: RebaseOptions): Promise<RebaseResult> {
  const { chains, notesFolder } = options;
  const resolved = resolveConflicts(notesFolder);
  const files = chains.map(readFiles);
  const landed = landedRevisions(notesFolder);
  const last = options.revision === undefined ? undefined : idOf(options.revision, files);
  const order = newOrder(files, { last, landed: landed?.folders ?? new Set() });
  const moved = await planMoves(chains, order, options.now ?? new Date());
  for (const move of moved) write(move, notesFolder);
  const now = chains.map(readFiles);
  lock(now, moved, notesFolder);
  tidyNotes(now, notesFolder);
  return { resolved, moved, onto: lastKept(order), landed };
}

const lastKept = ({ line, kept }: NewOrder): Twins | undefined => line[kept - 1];

function idOf(text: string, chains: readonly ChainFiles[]): string {
  const ids = chains.flatMap(({ revisions }) => revisions.map(({ revision }) => revision.id));
  const found = ids.filter((id) => id.startsWith(text));
  if (text !== '' && found.length === 1) return found[0]!;
  const what = found.length > 1 ? `${found.join(' and ')} begin` : 'no revision begins';
  throw new MigrationError(
    'order',
    `With ${text} ${what}: give the id that a folder of drizzle/ has in its name.`,
  );
}

function write(move: Move, notesFolder: string): void {
  for (const chain of CHAINS) {
    const { from, path, up, down, snapshot } = move.sides[chain];
    if (from.path !== path) renameSync(from.path, path);
    writeFileSync(join(path, 'up.sql'), up);
    writeFileSync(join(path, 'down.sql'), down);
    writeFileSync(join(path, 'snapshot.json'), `${JSON.stringify(snapshot, null, 2)}\n`);
  }
  if (!move.data || move.data.from === move.data.to) return;
  renameSync(
    join(notesFolder, 'data', `${move.data.from}.ts`),
    join(notesFolder, 'data', `${move.data.to}.ts`),
  );
}

/** The moved ones have new checksums; one that the merge has left out of the file comes back. */
function lock(chains: readonly ChainFiles[], moved: readonly Move[], notesFolder: string): void {
  const ids = new Set(moved.flatMap(({ twins }) => CHAINS.map((chain) => twins[chain].revision.id)));
  const folders = readLockFile(notesFolder).revisions.map(({ folder }) => folder);
  // By id, since somebody may have given the folder another name already.
  const stale = new Set(folders.filter((folder) => ids.has(nameParts(folder).id)));
  const known = new Set(folders.filter((folder) => !stale.has(folder)));
  const missing = chains
    .flatMap(({ revisions }) => revisions)
    .filter(({ revision }) => !known.has(revision.folder));
  lockRevisions(notesFolder, missing.map(locked), stale);
}

function locked({ chain, revision }: RevisionFiles) {
  return { chain, folder: revision.folder, checksum: revision.checksum };
}
