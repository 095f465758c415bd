import { duration, NotAllowed, refuse } from '../kinds.ts';
import type { TlsOptions } from './target.ts';
import { readOptions, refuseUnknownOption } from './url.ts';

/** What a URL says; null where it says nothing. */
export interface PostgresAddress {
  host: string | null;
  port: number | null;
  user: string | null;
  password: string | null;
  database: string | null;
  options: PostgresOptions;
}

export interface PostgresOptions {
  tls: Partial<TlsOptions>;
  statementTimeout?: number;
  connectionTimeout?: number;
  preparedStatements?: boolean;
  applicationName?: string;
  searchPath?: string;
  sessionParameters: Record<string, string>;
}

type Part = 'host' | 'port' | 'user' | 'password' | 'database';
type Reader = (value: string, options: PostgresOptions) => void;

/** What comes after `postgresql://`. User and password are unescaped, as SQLAlchemy does; the rest stands as it is. */
export function readPostgresUrl(rest: string): PostgresAddress {
  // A password may hold slashes and question marks when they aren't escaped, so the @ is looked for first.
  const [, user, password, address = ''] = /^(?:([^:/?@]*)(?::([^@]*))?@)?(.*)$/s.exec(rest)!;
  const [body = '', query = ''] = address.split(/\?(.*)/s);
  if (body.includes('@')) refuse('has an @ too many: one in the user name or password is written %40');
  const parts =
    /^(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(?:\/(.*))?$/s.exec(body) ?? refuse(`must be like ${EXAMPLE}`);
  const [, host = '', port = '', database = ''] = parts;
  if (host.includes(',')) refuse('names several hosts, but one is allowed');
  const read: PostgresAddress = {
    host: host.replace(/^\[|\]$/g, '') || null,
    port: port === '' ? null : readPort(port),
    user: user ? percentDecode(user) : null,
    password: password === undefined ? null : percentDecode(password),
    database: database || null,
    options: { tls: {}, sessionParameters: {} },
  };
  applyOptions(read, readOptions(query));
  return read;
}

const EXAMPLE = 'postgresql+asyncpg://user:password@host:5432/name';

export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A % that escapes nothing stands for itself.
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) =>
      Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
    );
  }
}

/** The text isn't shown: after a mistake in a URL it may be a part of the password. */
const readPort = (text: string): number => {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : refuse('must have a port from 1 to 65535 after its host');
};

function applyOptions(read: PostgresAddress, options: Map<string, string>): void {
  for (const [name, value] of options) {
    if (name in PARTS) applyPart(read, PARTS[name as keyof typeof PARTS], value);
    else if (Object.hasOwn(OPTIONS, name)) applyOption(name, value, read.options);
    else if (!WITHOUT_EFFECT.includes(name))
      refuseUnknownOption(name, [...Object.keys(OPTIONS), ...Object.keys(PARTS)]);
  }
}

/** libpq's way of giving a part as an option: a socket's folder can't be written before the path. */
const PARTS = {
  host: 'host',
  port: 'port',
  user: 'user',
  password: 'password',
  database: 'database',
  dbname: 'database',
} as const satisfies Record<string, Part>;

function applyPart(read: PostgresAddress, part: Part, value: string): void {
  if (read[part] !== null && String(read[part]) !== value)
    refuse(`gives the ${part} twice, before and after the ?, with different values`);
  if (part === 'port') read.port = readPort(value);
  else if (part === 'host' && !value.startsWith('/') && value.includes(':'))
    refuse('must have the port outside of the option host');
  else read[part] = value;
}

const WITHOUT_EFFECT = [
  'async_fallback',
  'channel_binding',
  'gssencmode',
  'krbsrvname',
  'max_cacheable_statement_size',
  'max_cached_statement_lifetime',
  'target_session_attrs',
];

function applyOption(name: string, value: string, options: PostgresOptions): void {
  try {
    OPTIONS[name]!(value, options);
  } catch (error) {
    if (error instanceof NotAllowed) refuse(`has the option ${name}, which ${error.message}`);
    throw error;
  }
}

const seconds = (value: string): number => duration({ above: 0 }).parse(value);

const cacheSize: Reader = (value, options) => {
  if (!/^\d+$/.test(value)) refuse('must be a whole number, 0 or more');
  if (Number(value) === 0) options.preparedStatements = false;
};

const tlsMode: Reader = (value, { tls }) => {
  const mode =
    TLS_MODES[value.toLowerCase()] ??
    refuse(`must be one of ${[...new Set(Object.values(TLS_MODES))].join(', ')}`);
  if (tls.mode !== undefined && tls.mode !== mode) refuse('contradicts the other of ssl and sslmode');
  tls.mode = mode;
};

const TLS_MODES: Record<string, TlsOptions['mode']> = {
  disable: 'disable',
  allow: 'allow',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
  true: 'require',
  false: 'disable',
};

/** asyncpg's, libpq's and SQLAlchemy's names side by side, as they are found in the wild. */
const OPTIONS: Record<string, Reader> = {
  ssl: tlsMode,
  sslmode: tlsMode,
  sslrootcert: (value, { tls }) => {
    tls.caFile = value;
  },
  sslcert: (value, { tls }) => {
    tls.certFile = value;
  },
  sslkey: (value, { tls }) => {
    tls.keyFile = value;
  },
  command_timeout: (value, options) => {
    options.statementTimeout = seconds(value);
  },
  timeout: (value, options) => {
    options.connectionTimeout = seconds(value);
  },
  connect_timeout: (value, options) => {
    options.connectionTimeout = seconds(value);
  },
  statement_cache_size: cacheSize,
  prepared_statement_cache_size: cacheSize,
  application_name: (value, options) => {
    options.applicationName = value;
  },
  search_path: (value, options) => {
    options.searchPath = value;
  },
  default_transaction_isolation: (value, { sessionParameters }) => {
    sessionParameters['default_transaction_isolation'] = value;
  },
  options: (value, { sessionParameters }) => {
    const pattern = /(?:^|\s)(?:-c\s*|--)([\w.-]+)=((?:\\.|\S)*)/g;
    for (const [, name, raw] of value.matchAll(pattern))
      sessionParameters[name!] = raw!.replace(/\\(.)/g, '$1');
    if (value.replace(pattern, '').trim() !== '') refuse('must be like -c name=value');
  },
};
