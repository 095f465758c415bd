import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MigrationError, reasonOf } from '../errors.ts';
import type { CanonicalRow } from '../values.ts';
import { checksumOf, type DataFile } from './revisions.ts';

/** The default export of a file in drizzle/data: what a revision does to rows, in code that both engines share. */
export interface DataStep {
  readonly table: string;
  /** What rows are walked by, in ascending order: unique, not null, and not changed by the step. */
  readonly key?: string;
  readonly batchSize?: number;
  /** What `up` and `down` are given of a row, beside its key. */
  readonly columns: readonly string[];
  /** Which rows, in SQL that both engines take; all unless it is given. */
  readonly where?: string;
  up(rows: CanonicalRow[], db: DataDb): Promise<void> | void;
  down?(rows: CanonicalRow[], db: DataDb): Promise<void> | void;
}

/** Inside the batch's transaction. */
export interface DataDb {
  /** Each row has the key of its table (of another table than the step's: `id`) and the columns to set. */
  update(table: string, rows: readonly CanonicalRow[]): Promise<void>;
  insert(table: string, rows: readonly CanonicalRow[]): Promise<void>;
  delete(table: string, keys: readonly CanonicalRow[string][]): Promise<void>;
  /** With `?` for each parameter. */
  query(text: string, params?: readonly unknown[]): Promise<CanonicalRow[]>;
}

export interface LoadedStep {
  readonly name: string;
  readonly step: DataStep;
  readonly checksum: string;
}

/** Compiled, the package's steps lie in dist/data; from the sources, and in a chain of one's own, they are loaded as they are. */
const COMPILED =
  extname(import.meta.url) === '.ts' ? null : fileURLToPath(new URL('../../data/', import.meta.url));

/** @throws MigrationError when it isn't one */
export async function loadDataStep({ name, path }: DataFile): Promise<LoadedStep> {
  const compiled = COMPILED === null ? null : join(COMPILED, `${name}.js`);
  const file = compiled !== null && existsSync(compiled) ? compiled : path;
  let step: DataStep;
  try {
    step = ((await import(pathToFileURL(file).href)) as { default: DataStep }).default;
  } catch (error) {
    throw broken(path, `can't be loaded (${reasonOf(error)}): reinstall the package`, error);
  }
  if (typeof step?.table !== 'string' || typeof step.up !== 'function' || !Array.isArray(step.columns)) {
    throw broken(path, 'has no default export with table, columns and up: see another one beside it');
  }
  return { name, step, checksum: checksumOf(readFileSync(path, 'utf8')) };
}

/** The step of a revision that the ledger names, where the code has it. */
export function findDataFile(chainFolder: string, name: string): DataFile | null {
  const path = join(chainFolder, '..', 'data', `${name}.ts`);
  return existsSync(path) ? { name, path } : null;
}

function broken(path: string, what: string, cause?: unknown): MigrationError {
  return new MigrationError('chain', `The data step ${path} ${what}.`, { cause });
}
