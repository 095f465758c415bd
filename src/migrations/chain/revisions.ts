import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MigrationError, reasonOf } from '../errors.ts';
import { type DownLabel, readDownScript, readHeader, readStatements, withLf } from './script.ts';

export type { DownLabel } from './script.ts';
export type ChainName = 'sqlite' | 'pg';

/** As they are called in prose. */
export const ENGINES: Readonly<Record<ChainName, string>> = { sqlite: 'SQLite', pg: 'PostgreSQL' };

/** A folder of a chain, read. */
export interface Revision {
  /** 12 hex digits; the same for the revision's whole life, though a rebase gives its folder another name. */
  readonly id: string;
  /** Null for the first one of a chain. */
  readonly parent: string | null;
  /** What it is about, as in the folder's name: `add_labels`. */
  readonly slug: string;
  readonly folder: string;
  readonly checksum: string;
  /** False for `-- Transaction: none`: run statement by statement, and taken up where it was interrupted. */
  readonly transactional: boolean;
  /** An older version of the server can't work with the database after it. */
  readonly breaking: boolean;
  readonly statements: readonly string[];
  readonly downSql: string;
  readonly label: DownLabel;
  /** What runs after the statements. */
  readonly data: DataFile | null;
}

/** A data step's source. */
export interface DataFile {
  /** Without its folder and `.ts`. */
  readonly name: string;
  readonly path: string;
}

const FOLDER = /^\d{4}_\d{2}_\d{2}_\d{6}_([0-9a-f]{12})_(\w+)$/;

/** The folder of a chain in the package; the same way from src and from dist. */
export function chainFolder(chain: ChainName): string {
  return fileURLToPath(new URL(`../../../drizzle/${chain}`, import.meta.url));
}

/** All revisions of a chain in the order of their parents; those that don't continue the line stand at the end. */
export function readChain(folder: string): Revision[] {
  const revisions = read(() => readdirSync(folder, { withFileTypes: true }), folder)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
    .map((name) => readRevision(join(folder, name), name));
  const seen = new Map<string, Revision>();
  for (const revision of revisions) {
    const twin = seen.get(revision.id);
    if (twin)
      throw broken(revision.folder, `has the same revision id as ${twin.folder}: give one of them another`);
    seen.set(revision.id, revision);
  }
  return inOrder(revisions);
}

/** Names of folders are for people. */
function inOrder(revisions: Revision[]): Revision[] {
  const left = new Set(revisions);
  const ordered: Revision[] = [];
  for (let head: string | null = null; ; head = ordered.at(-1)!.id) {
    const next = [...left].find((revision) => revision.parent === head);
    if (!next) return [...ordered, ...left];
    ordered.push(next);
    left.delete(next);
  }
}

/** Of up.sql, and of the data step that belongs to it, with line ends as git may have changed them put right. */
export function checksumOf(upSql: string, dataStep?: string): string {
  const text = dataStep === undefined ? upSql : `${upSql}\n${dataStep}`;
  return createHash('sha256').update(withLf(text)).digest('hex');
}

/** `path` is the folder of the revision, `folder` its name. */
export function readRevision(path: string, folder: string): Revision {
  const [, id, slug] = FOLDER.exec(folder) ?? [];
  if (!id || !slug) {
    throw broken(path, 'is no revision: rename it to YYYY_MM_DD_HHMMSS_<12 hex digits>_<slug>, or remove it');
  }
  const up = withLf(read(() => readFileSync(join(path, 'up.sql'), 'utf8'), path));
  const downSql = withLf(read(() => readFileSync(join(path, 'down.sql'), 'utf8'), path));
  const header = readHeader(up);
  const parent = header.get('revises');
  if (header.get('revision') !== id)
    throw broken(
      path,
      `has another id in its folder's name than in its up.sql: put "-- Revision: ${id}" into the header`,
    );
  if (!parent)
    throw broken(path, 'has no parent: put "-- Revises: <parent>" (or base) into the header of its up.sql');
  const refuse = (what: string) => broken(path, what);
  const data = dataFile(header.get('data'), path);
  return {
    id,
    parent: parent === 'base' ? null : parent,
    slug,
    folder,
    checksum: checksumOf(up, data?.text),
    transactional: header.get('transaction') !== 'none',
    breaking: !['no', 'false', undefined].includes(header.get('breaking')),
    statements: readStatements(up, refuse),
    downSql,
    label: readDownScript(downSql, refuse).label,
    data: data && { name: data.name, path: data.path },
  };
}

/** Data steps lie beside the chains, since both have the same. */
function dataFile(name: string | undefined, revision: string): (DataFile & { text: string }) | null {
  if (name === undefined) return null;
  if (!/^[\w-]+$/.test(name))
    throw broken(
      revision,
      `names no file in its header: put "-- Data: <name of a file in data, without .ts>" there`,
    );
  const path = join(dirname(dirname(revision)), 'data', `${name}.ts`);
  return { name, path, text: read(() => readFileSync(path, 'utf8'), path) };
}

function read<T>(work: () => T, path: string): T {
  try {
    return work();
  } catch (error) {
    throw new MigrationError(
      'chain',
      `The migrations can't be read from ${path} (${reasonOf(error)}): reinstall the package.`,
      {
        cause: error,
      },
    );
  }
}

function broken(path: string, what: string): MigrationError {
  return new MigrationError('chain', `The migration ${path} ${what}.`);
}
