import { accessSync, constants, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, posix, resolve, win32 } from 'node:path';
import { refuse } from '../kinds.ts';
import { readOptions, refuseUnknownOption } from './url.ts';

export const MEMORY = ':memory:';

export interface SqliteAddress {
  /** As written: may still be relative; `:memory:` in any of its spellings. */
  file: string;
  timeout: number | null;
  create: boolean;
}

/** Options of Python's driver and of SQLite's file: URIs that change nothing here. */
const WITHOUT_EFFECT = [
  'uri',
  'cache',
  'check_same_thread',
  'isolation_level',
  'detect_types',
  'cached_statements',
];
const OPTIONS = [...WITHOUT_EFFECT, 'mode', 'timeout'];

const SLASHES =
  'SQLite needs three slashes before a relative path (sqlite+aiosqlite:///relative.db) and four before an absolute one (sqlite+aiosqlite:////absolute/path.db)';

/** What comes after `sqlite://`. */
export function readSqliteUrl(rest: string): SqliteAddress {
  if (rest === '' || rest === '/') refuse(`names no file: ${SLASHES}`);
  if (!rest.startsWith('/')) refuse(`has too few slashes: ${SLASHES}`);
  return readSqlitePath(rest.slice(1));
}

/** A path as it may stand in a URL or alone: with options after a `?`, and as a `file:` URI. */
export function readSqlitePath(path: string): SqliteAddress {
  const [name = '', query] = splitAt(path, '?');
  const options = readOptions(query ?? '');
  for (const option of options.keys()) if (!OPTIONS.includes(option)) refuseUnknownOption(option, OPTIONS);
  const mode = options.get('mode');
  if (mode === 'ro') refuse('has mode=ro, but a server must be able to write');
  if (mode !== undefined && !['rw', 'rwc', 'memory'].includes(mode))
    refuse('must have mode=rw, rwc or memory');
  const timeout = options.has('timeout') ? Number(options.get('timeout')) : null;
  if (timeout !== null && !(timeout > 0)) refuse('must have a timeout above 0 (seconds)');
  const memory = name === MEMORY || name === 'file::memory:' || mode === 'memory';
  return { file: memory ? MEMORY : withoutUri(name), timeout, create: mode !== 'rw' };
}

const splitAt = (text: string, separator: string): [string, string | undefined] => {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
};

/** The path of a `file:` URI: SQLite takes one, two (with an empty host) or no slashes after the colon. */
function withoutUri(name: string): string {
  if (!name.startsWith('file:')) return name;
  const path = name.slice('file:'.length).replace(/^\/\/(localhost)?(?=\/)/, '');
  if (path.startsWith('//')) refuse('is a file: URI that names a host: write file:/absolute/path.db');
  try {
    return decodeURIComponent(path);
  } catch {
    return refuse('is a file: URI with a broken % in it');
  }
}

export interface Surroundings {
  platform: NodeJS.Platform;
  /** From `~`, `$PREFECT_HOME` and relative to absolute. */
  absolute(path: string): string;
  /** A folder that the server may create itself: Prefect's home. */
  home: string;
}

/** The absolute path of a file that a server can really use; anything else would end as a database in a wrong place. */
export function locateSqliteFile(address: SqliteAddress, around: Surroundings): string {
  const { file } = address;
  if (file === MEMORY) return file;
  if (file.trim() === '') refuse('names no file');
  if (/^[\w+]+:\/\//.test(file)) refuse('is a URL: a URL goes into PREFECT_DATABASE_URL');
  if (around.platform !== 'win32' && (/^[A-Za-z]:[\\/]/.test(file) || file.startsWith('\\\\')))
    refuse("is a Windows path, and this isn't Windows");
  if (/[/\\]$/.test(file)) refuse('names a folder: add the name of the file');
  const full = around.absolute(file);
  checkFolder(full, file, around);
  checkFile(full, address.create);
  return full;
}

/** SQLite follows a link: what belongs to the file lies beside the file, and a restore takes the place of that, not of the link. */
export function linkedFile(file: string): string {
  try {
    const next = resolve(dirname(file), readlinkSync(file));
    return stat(next) ? realpathSync(file) : next;
  } catch {
    return file;
  }
}

function checkFolder(full: string, written: string, { platform, home }: Surroundings): void {
  const { dirname, isAbsolute } = platform === 'win32' ? win32 : posix;
  const folder = dirname(full);
  if (folder === home) return;
  const found = stat(folder);
  if (found?.isDirectory()) return;
  if (found) refuse(`is in ${folder}, which is a file`);
  const slash = !isAbsolute(written) && platform !== 'win32' && stat(dirname(`/${written}`))?.isDirectory();
  const hint = slash
    ? ` (an absolute path in a URL begins with four slashes: sqlite+aiosqlite:////${written})`
    : '';
  refuse(`is in the folder ${folder}, which doesn't exist: create it, or correct the path${hint}`);
}

function checkFile(full: string, create: boolean): void {
  const found = stat(full);
  if (found?.isDirectory()) refuse(`names the folder ${full}: add the name of the file`);
  if (!found && !create)
    refuse(`names ${full}, which doesn't exist, with mode=rw: leave that out to create it`);
  if (!found) return;
  try {
    accessSync(full, constants.R_OK | constants.W_OK);
  } catch {
    refuse(`names ${full}, which this user can't read and write: correct its permissions`);
  }
}

const stat = (path: string) => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};
