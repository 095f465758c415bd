/** Whether chains, schemas, notes and revisions.lock say the same; everything that is wrong is found in one run. */

import type { ChainName } from '../chain/revisions.ts';
import { type ChainFiles, type ChainSource, dataSteps, readFiles } from '../repository/files.ts';
import { readLockFile } from '../repository/lock-file.ts';
import { readNotes } from '../repository/notes.ts';
import { checkChain, checkTwins } from './chain.ts';
import { checkLock } from './lock-file.ts';
import { checkNotes } from './notes.ts';
import { checkParity } from './parity.ts';
import { checkSchema } from './schema.ts';

export type CheckRule =
  | 'schema'
  | 'lock'
  | 'foreign-file'
  | 'header'
  | 'line'
  | 'timestamps'
  | 'snapshot'
  | 'twin'
  | 'notes'
  | 'parity'
  | 'data';

export interface Failure {
  readonly rule: CheckRule;
  readonly chain?: ChainName;
  /** One sentence that says what to run. */
  readonly message: string;
}

export interface CheckOptions {
  readonly chains: readonly ChainSource[];
  /** The folder with MIGRATION-NOTES.md, revisions.lock and data. */
  readonly notesFolder: string;
}

export interface CheckResult {
  readonly failures: readonly Failure[];
  /** How many pairs there are. */
  readonly pairs: number;
}

export async function checkGenerated({ chains, notesFolder }: CheckOptions): Promise<CheckResult> {
  const files = chains.map(readFiles);
  const failures: Failure[] = files.flatMap((chain) => checkChain(chain, notesFolder));
  failures.push(...checkTwins(files, dataSteps(notesFolder)));
  failures.push(...checkLock(files, readLockFile(notesFolder)));
  const notes = readNotes(notesFolder);
  failures.push(...checkNotes(files, notes));
  // With a revision missing the schema would seem to say more than the newest one that is left.
  if (failures.some(({ rule }) => rule === 'twin')) return { failures, pairs: pairsIn(files) };
  failures.push(...checkParity(files, notes));
  for (const chain of files) failures.push(...(await checkSchema(chain)));
  return { failures, pairs: pairsIn(files) };
}

const pairsIn = (files: readonly ChainFiles[]): number =>
  Math.max(0, ...files.map(({ revisions }) => revisions.length));
