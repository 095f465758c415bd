import { SettingsError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { Found } from '../sources.ts';
import type { SettingName } from '../table.ts';
import { contradiction, firstSet, get, reading, type TargetContext } from './context.ts';
import { postgresDirect, postgresFromParts, postgresFromUrl } from './postgres-target.ts';
import {
  linkedFile,
  locateSqliteFile,
  readSqlitePath,
  readSqliteUrl,
  type SqliteAddress,
} from './sqlite-url.ts';
import type { DatabaseTarget, SqliteTarget } from './target.ts';
import { type Backend, splitUrl } from './url.ts';

const SERVER_PARTS = ['server.database.host', 'server.database.port', 'server.database.user'] as const;
const ALL_PARTS = [...SERVER_PARTS, 'server.database.name'] as const;

/** The one database that the settings of the group mean together; what contradicts itself is refused. */
export function buildTarget(context: TargetContext): DatabaseTarget {
  const target = servedTarget(context);
  const { value, found } = get(context, MIGRATION_URL);
  if (!found || !(value instanceof Secret)) return target;
  const { backend, rest } = reading(MIGRATION_URL, found, () => splitUrl(value.reveal().trim()));
  if (target.backend === 'sqlite' || backend === 'sqlite')
    throw new SettingsError(
      `${found.name} (${found.place}) is the address of PostgreSQL behind a pooler: set PREFECT_DATABASE_URL there as well, or unset it.`,
    );
  return { ...target, direct: postgresDirect(context, { name: MIGRATION_URL, found }, rest) };
}

const MIGRATION_URL = 'database.migration_url';

function servedTarget(context: TargetContext): DatabaseTarget {
  const backend = statedBackend(context);
  const url = statedUrl(context);
  if (url) return fromUrl(context, url, backend);
  warnAboutPassword(context, 'nothing');
  const path = get(context, 'database.path').found;
  if (backend?.backend === 'postgres') {
    if (path) contradiction(path, backend.found, 'a path is a SQLite file');
    return postgresFromParts(context, backend.found);
  }
  return sqliteFromParts(context, backend);
}

interface Stated {
  backend: Backend;
  found: Found;
}

function statedBackend(context: TargetContext): Stated | null {
  const short = get(context, 'database.backend');
  const driver = get(context, 'server.database.driver');
  const ofDriver: Backend = driver.value === 'postgresql+asyncpg' ? 'postgres' : 'sqlite';
  if (short.found && driver.found && short.value !== ofDriver)
    contradiction(short.found, driver.found, 'two engines');
  if (short.found) return { backend: short.value as Backend, found: short.found };
  return driver.found ? { backend: ofDriver, found: driver.found } : null;
}

interface StatedUrl {
  name: SettingName;
  text: string;
  found: Found;
}

function statedUrl(context: TargetContext): StatedUrl | null {
  const urls = (['database.url', 'server.database.connection_url'] as const).flatMap((name) => {
    const { value, found } = get(context, name);
    return found && value instanceof Secret ? [{ name, text: value.reveal().trim(), found }] : [];
  });
  const [first, second] = urls;
  if (first && second && first.text !== second.text)
    contradiction(first.found, second.found, 'two databases');
  return first ?? null;
}

function fromUrl(context: TargetContext, url: StatedUrl, stated: Stated | null): DatabaseTarget {
  const path = get(context, 'database.path').found;
  if (path) contradiction(url.found, path, 'both name a database');
  const { backend, rest } = reading(url.name, url.found, () => splitUrl(url.text));
  if (stated && stated.backend !== backend) contradiction(url.found, stated.found, 'two engines');
  if (backend === 'postgres') return postgresFromUrl(context, url, rest);
  warnAboutPassword(context, url.found.name);
  const part = firstSet(context, SERVER_PARTS);
  if (part) contradiction(url.found, part, 'SQLite has no server');
  const address = reading(url.name, url.found, () => readSqliteUrl(rest));
  const target = buildSqlite(context, address, url.name, url.found);
  const name = get(context, 'server.database.name');
  if (
    name.found &&
    name.value !== address.file &&
    linkedFile(context.absolute(name.value as string)) !== target.file
  )
    contradiction(url.found, name.found, 'two files');
  return target;
}

/** A file that is named by a path, by Prefect's name, or by nothing: then it is `prefect.db` in Prefect's home. */
function sqliteFromParts(context: TargetContext, stated: Stated | null): SqliteTarget {
  const path = get(context, 'database.path');
  const name = get(context, 'server.database.name');
  const server = firstSet(context, SERVER_PARTS);
  const asked = path.found ?? stated?.found;
  if (server && asked) contradiction(asked, server, 'SQLite has no server');
  if (path.found && name.found && path.value !== name.value)
    contradiction(path.found, name.found, 'two files');
  const part = firstSet(context, ALL_PARTS);
  if (part && !asked)
    throw new SettingsError(
      `${part.name} (${part.place}) is set, but nothing there says which engine it belongs to: add PREFECT_DATABASE_BACKEND=postgres, or unset it.`,
    );
  const [setting, file]: [SettingName, typeof path] = path.found
    ? ['database.path', path]
    : ['server.database.name', name];
  if (!file.found) return sqlite(context, `${context.home}/prefect.db`, null, true);
  const found = file.found;
  const address = reading(setting, found, () => readSqlitePath((file.value as string).trim()));
  return buildSqlite(context, address, setting, found);
}

function buildSqlite(
  context: TargetContext,
  address: SqliteAddress,
  name: SettingName,
  found: Found,
): SqliteTarget {
  const file = reading(name, found, () => locateSqliteFile(address, context));
  return sqlite(context, file, address.timeout, address.create);
}

function sqlite(context: TargetContext, file: string, timeout: number | null, create: boolean): SqliteTarget {
  return {
    backend: 'sqlite',
    file: linkedFile(file),
    timeout: timeout ?? (get(context, 'server.database.timeout').value as number),
    create,
  };
}

function warnAboutPassword(context: TargetContext, by: string): void {
  const { found } = get(context, 'server.database.password');
  if (!found || get(context, 'server.database.driver').value === 'postgresql+asyncpg') return;
  if (get(context, 'database.backend').value === 'postgres') return;
  context.warnings.push(`${found.name} (${found.place}) is used by ${by}: SQLite has no password.`);
}
