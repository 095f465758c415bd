import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify, type TomlTable } from 'smol-toml';
import { SettingsError } from './errors.ts';
import { readToml } from './files.ts';
import { changeText } from './profiles-text.ts';

export type Variables = Record<string, unknown>;

/** Prefect's profiles.toml: what `prefect config set` and `prefect profile` write, and this server too. */
export interface Profiles {
  active: string | null;
  profiles: Record<string, Variables>;
}

/** The profiles that every installation has, without a file. A file's own profile of the name is laid over it. */
export const BUILT_IN: Readonly<Record<string, Variables>> = {
  ephemeral: { PREFECT_SERVER_EPHEMERAL_ENABLED: 'true' },
  local: { PREFECT_API_URL: 'http://127.0.0.1:4200/api' },
  test: {
    PREFECT_SERVER_EPHEMERAL_ENABLED: 'true',
    PREFECT_SERVER_DATABASE_CONNECTION_URL: 'sqlite+aiosqlite:///:memory:',
  },
  cloud: {},
};

export const DEFAULT_PROFILE = 'ephemeral';

/** One change of the file; several make one write. */
export type ProfileChange =
  | { kind: 'activate'; name: string }
  | { kind: 'add'; name: string; variables: Variables }
  | { kind: 'remove'; name: string }
  | { kind: 'rename'; name: string; to: string }
  | { kind: 'set'; name: string; variable: string; value: string }
  | { kind: 'unset'; name: string; variable: string };

const isTable = (value: unknown): value is Variables =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

export function readProfiles(file: string): Profiles {
  const { active, profiles = {} } = readToml(file);
  if (!isTable(profiles) || !Object.values(profiles).every(isTable))
    throw new SettingsError(
      `The settings file ${file} has something else than [profiles.NAME] where profiles are: correct or remove it.`,
    );
  return {
    active: typeof active === 'string' ? active : null,
    profiles: profiles as Record<string, Variables>,
  };
}

/** Writes the changes into the file where they belong; all else, comments too, stays as it is. */
export function changeProfiles(file: string, changes: readonly ProfileChange[]): Profiles {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  readProfiles(file);
  const wanted = structuredClone({ ...readToml(file) });
  for (const change of changes) apply(wanted, change);
  let text = before;
  for (const change of changes) text = changeText(text, change);
  // Whoever has written it as no tool does (inline tables, dotted keys) gets it written anew, as Prefect always does.
  if (!saysTheSame(text, wanted)) text = stringify(wanted);
  if (text !== before) write(file, text);
  return readProfiles(file);
}

function apply(root: TomlTable | Record<string, unknown>, change: ProfileChange): void {
  root['profiles'] ??= {};
  const profiles = root['profiles'] as Record<string, Variables>;
  const { name } = change;
  switch (change.kind) {
    case 'activate':
      root['active'] = name;
      break;
    case 'add':
      put(profiles, name, { ...change.variables });
      break;
    case 'remove':
      delete profiles[name];
      break;
    case 'rename':
      put(profiles, change.to, profiles[name]!);
      delete profiles[name];
      break;
    case 'set':
      profiles[name]![change.variable] = change.value;
      break;
    case 'unset':
      delete profiles[name]![change.variable];
  }
}

/** Also under a name that objects have for something of their own. */
function put(profiles: Record<string, Variables>, name: string, value: Variables): void {
  Object.defineProperty(profiles, name, { value, enumerable: true, writable: true, configurable: true });
}

function saysTheSame(text: string, wanted: Record<string, unknown>): boolean {
  try {
    const { profiles = {}, ...rest } = parse(text) as Record<string, unknown>;
    return isDeepStrictEqual(plain({ ...rest, profiles }), plain(wanted));
  } catch {
    return false;
  }
}

/** Tables of the parser have no prototype, which a strict comparison minds. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? `${one}n` : one)));

/** Through a file beside it, so that nobody reads half of one; a link to it stays a link. */
function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const real = existsSync(file) ? realpathSync(file) : file;
    const mode = existsSync(real) ? statSync(real).mode & 0o777 : 0o600;
    const next = `${real}.${process.pid}.new`;
    writeFileSync(next, text, { mode: 0o600 });
    chmodSync(next, mode);
    renameSync(next, real);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError(`The settings file ${file} can't be written (${code}): correct its permissions.`);
  }
}
