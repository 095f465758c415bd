import { userInfo } from 'node:os';
import { SettingsError } from '../errors.ts';
import { refuse } from '../kinds.ts';
import { Secret } from '../secret.ts';
import type { Found } from '../sources.ts';
import { environmentName, type SettingName } from '../table.ts';
import { contradiction, get, reading, type TargetContext } from './context.ts';
import { PASSWORD_PLACEHOLDER } from './group.ts';
import { type PostgresAddress, percentDecode, readPostgresUrl } from './postgres-url.ts';
import type { PostgresTarget } from './target.ts';
import { tlsOptions } from './tls-options.ts';

const PASSWORD = 'server.database.password';
const CONNECT_ARGS = 'server.database.sqlalchemy.connect_args';

interface Url {
  name: SettingName;
  found: Found;
}

export function postgresFromUrl(context: TargetContext, url: Url, rest: string): PostgresTarget {
  const address = reading(url.name, url.found, () => readFilled(context, rest));
  for (const [part, name] of PARTS) {
    const { found, value } = get(context, name);
    if (found && value !== (address[part] ?? (part === 'port' ? 5432 : null)))
      contradiction(url.found, found, `they name different ${part}s`);
  }
  return reading(url.name, url.found, () => build(context, address));
}

/** The same database at another address, to which nothing else has to be said again. */
export function postgresDirect(context: TargetContext, url: Url, rest: string): PostgresTarget {
  return reading(url.name, url.found, () => build(context, readFilled(context, rest)));
}

const PARTS = [
  ['host', 'server.database.host'],
  ['port', 'server.database.port'],
  ['user', 'server.database.user'],
  ['database', 'server.database.name'],
] as const satisfies [keyof PostgresAddress, SettingName][];

/** Stands for the password while the URL is taken apart, so that no character of the password can be taken for the URL's. */
const STAND_IN = '\uE000password\uE000';

function readFilled(context: TargetContext, rest: string): PostgresAddress {
  const { value, found } = get(context, PASSWORD);
  const password = value instanceof Secret ? value.reveal() : null;
  const asked = rest.search(PASSWORD_PLACEHOLDER) >= 0;
  if (asked && password === null) refuse(`asks for ${environmentName(PASSWORD)}, which isn't set`);
  const address = readPostgresUrl(rest.replace(PASSWORD_PLACEHOLDER, STAND_IN));
  const fill = (text: string | null) =>
    text?.replaceAll(STAND_IN, () => percentDecode(password ?? '')) ?? null;
  const filled = {
    ...address,
    user: fill(address.user),
    password: fill(address.password),
    host: fill(address.host),
    database: fill(address.database),
  };
  if (found && !asked && filled.password !== password)
    context.warnings.push(
      `${found.name} (${found.place}) isn't used: the URL of the database doesn't ask for it.`,
    );
  return filled;
}

/** From host, user, name and so on; `backend` is what said that it is PostgreSQL. */
export function postgresFromParts(context: TargetContext, backend: Found): PostgresTarget {
  const text = (name: SettingName) => get(context, name).value as string | null;
  const required = ['server.database.host', 'server.database.user', 'server.database.name'] as const;
  const missing = required.filter((name) => text(name) === null).map(environmentName);
  if (missing.length > 0)
    throw new SettingsError(
      `${backend.name} (${backend.place}) asks for PostgreSQL, but there is no PREFECT_DATABASE_URL there, nor ${missing.join(', ')}: set either.`,
    );
  const password = get(context, PASSWORD).value;
  return build(context, {
    host: text('server.database.host'),
    port: get(context, 'server.database.port').value as number | null,
    user: text('server.database.user'),
    password: password instanceof Secret ? password.reveal() : null,
    database: text('server.database.name'),
    options: { tls: {}, sessionParameters: {} },
  });
}

function build(context: TargetContext, address: PostgresAddress): PostgresTarget {
  const { options } = address;
  const number = (name: SettingName) => get(context, name).value as number;
  const text = (name: SettingName) => get(context, name).value as string | null;
  const host =
    address.host ?? refuse('names no host: write postgresql+asyncpg://user:password@host:5432/name');
  const database =
    address.database ?? refuse('names no database: write its name after the host, as in host:5432/prefect');
  const cached = ['statement_cache_size', 'prepared_statement_cache_size'].map(
    (name) => get(context, `${CONNECT_ARGS}.${name}` as SettingName).value,
  );
  return {
    backend: 'postgres',
    host,
    port: address.port ?? 5432,
    // As asyncpg and libpq do when the URL names nobody.
    user: address.user ?? context.env['PGUSER'] ?? userInfo().username,
    password: address.password === null ? null : new Secret(address.password),
    database,
    tls: tlsOptions(context, options.tls, host),
    poolSize: number('server.database.sqlalchemy.pool_size'),
    maxOverflow: number('server.database.sqlalchemy.max_overflow'),
    poolRecycle: number('server.database.sqlalchemy.pool_recycle'),
    poolTimeout: number('server.database.sqlalchemy.pool_timeout'),
    statementTimeout: options.statementTimeout ?? number('server.database.timeout'),
    connectionTimeout: options.connectionTimeout ?? number('server.database.connection_timeout'),
    migrationTimeout: get(context, 'server.database.migration_timeout').value as number | null,
    preparedStatements: (options.preparedStatements ?? true) && !cached.includes(0),
    applicationName: text(`${CONNECT_ARGS}.application_name`) ?? options.applicationName ?? null,
    searchPath: text(`${CONNECT_ARGS}.search_path`) ?? options.searchPath ?? null,
    sessionParameters: options.sessionParameters,
  };
}
