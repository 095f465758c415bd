import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MigrationError, reasonOf } from './errors.ts';

export type ChainName = 'sqlite' | 'pg';
const DOWN_LABELS = ['lossless', 'lossy', 'irreversible'] as const;
export type DownLabel = (typeof DOWN_LABELS)[number];

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
  /** False for `-- Transaction: none`: run statement by statement, so it must bear being run again from its start. */
  readonly transactional: boolean;
  /** An older version of the server can't work with the database after it. */
  readonly breaking: boolean;
  readonly statements: readonly string[];
  readonly downSql: string;
  readonly label: DownLabel;
}

const FOLDER = /^\d{4}_\d{2}_\d{2}_\d{6}_([0-9a-f]{12})_(\w+)$/;
const BREAKPOINT = /^--> statement-breakpoint[ \t]*$/m;
const CONTROLS_TRANSACTION = /^(begin|commit|rollback|end|start\s+transaction)\b/i;

/** The folder of a chain in the package; the same way from src and from dist. */
export function chainFolder(chain: ChainName): string {
  return fileURLToPath(new URL(`../../drizzle/${chain}`, import.meta.url));
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

/** Of up.sql, with line ends as git may have changed them put right. */
export function checksumOf(upSql: string): string {
  return createHash('sha256').update(withLf(upSql)).digest('hex');
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
    throw broken(path, `must have "-- Revision: ${id}" in the header of its up.sql`);
  if (!parent) throw broken(path, 'must have "-- Revises: <parent>" (or base) in the header of its up.sql');
  const transactional = header.get('transaction') !== 'none';
  return {
    id,
    parent: parent === 'base' ? null : parent,
    slug,
    folder,
    checksum: checksumOf(up),
    transactional,
    breaking: !['no', 'false', undefined].includes(header.get('breaking')),
    statements: readStatements(up, path, transactional),
    downSql,
    label: readLabel(downSql, path),
  };
}

/** The `-- Key: value` lines at the top of a file; keys in lower case. */
function readHeader(text: string): Map<string, string> {
  const header = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && !line.startsWith('--')) break;
    const [, key, value] = /^-- ([A-Z][\w ]*): (.*)$/.exec(line) ?? [];
    if (key && value && !header.has(key.toLowerCase())) header.set(key.toLowerCase(), value.trim());
  }
  return header;
}

function readStatements(up: string, path: string, transactional: boolean): string[] {
  const statements: string[] = [];
  for (const chunk of up.split(BREAKPOINT)) {
    const bare = chunk.replace(/\/\*[\s\S]*?\*\/|--.*$/gm, '').trim();
    if (bare === '') continue;
    if (transactional && CONTROLS_TRANSACTION.test(bare)) {
      throw broken(
        path,
        `may not control transactions itself (${bare.slice(0, 30)}): the runner begins and commits`,
      );
    }
    statements.push(chunk.trim());
  }
  return statements;
}

function readLabel(downSql: string, path: string): DownLabel {
  const word = readHeader(downSql).get('down')?.split(' ', 1)[0];
  const label = DOWN_LABELS.find((known) => known === word);
  if (!label)
    throw broken(path, `must have "-- Down: ${DOWN_LABELS.join(' | ')}" in the header of its down.sql`);
  return label;
}

function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function read<T>(work: () => T, path: string): T {
  try {
    return work();
  } catch (error) {
    throw new MigrationError(
      'chain',
      `The migrations can't be read from ${path}: ${reasonOf(error)}; reinstall the package.`,
      {
        cause: error,
      },
    );
  }
}

function broken(path: string, what: string): MigrationError {
  return new MigrationError('chain', `The migration ${path} ${what}.`);
}
