import { closest } from '../did-you-mean.ts';
import { refuse } from '../kinds.ts';

export type Backend = 'sqlite' | 'postgres';

const URL_EXAMPLES =
  'sqlite+aiosqlite:////absolute/path.db, sqlite+aiosqlite:///relative.db or postgresql+asyncpg://user:password@host:5432/name';

const SCHEMES: Record<string, Backend> = {
  sqlite: 'sqlite',
  'sqlite+aiosqlite': 'sqlite',
  postgresql: 'postgres',
  postgres: 'postgres',
  'postgresql+asyncpg': 'postgres',
};

const SYNC_DRIVERS: Record<string, string> = {
  'postgresql+psycopg2': 'postgresql+asyncpg',
  'postgresql+psycopg': 'postgresql+asyncpg',
  'postgresql+pg8000': 'postgresql+asyncpg',
  'sqlite+pysqlite': 'sqlite+aiosqlite',
};

/** The engine that a database URL names, and what comes after its `://`. */
export function splitUrl(url: string): { backend: Backend; rest: string } {
  if (url === '') refuse('is empty: give it a value or unset it');
  if (/^["']|["']$/.test(url)) refuse('has quotes in its value: leave them out');
  const match = /^([\w+.-]+):\/\/(.*)$/s.exec(url);
  if (!match) return refuse(withoutScheme(url));
  const [, scheme, rest] = match as unknown as [string, string, string];
  const backend = SCHEMES[scheme.toLowerCase()];
  return backend ? { backend, rest } : refuse(unknownScheme(scheme));
}

function withoutScheme(url: string): string {
  const scheme = /^(sqlite|postgres)[\w+]*:/.exec(url)?.[0];
  if (scheme) return `must have :// after ${scheme.slice(0, -1)}, as in ${URL_EXAMPLES}`;
  const path = /^[./~\\]|\.(db|sqlite3?)$|^[A-Za-z]:[\\/]|:memory:/.test(url);
  return path
    ? `must be a URL; a path goes into PREFECT_DATABASE_PATH`
    : `must be a URL like ${URL_EXAMPLES}`;
}

function unknownScheme(scheme: string): string {
  const async = SYNC_DRIVERS[scheme.toLowerCase()];
  if (async)
    return `names the driver ${scheme}, which Prefect refuses since it isn't asynchronous: write ${async}://`;
  const meant = closest(scheme.toLowerCase(), Object.keys(SCHEMES), 3);
  if (meant) return `begins with ${scheme}://, which is no database: did you mean ${meant}://?`;
  return `begins with ${scheme}://, but must be ${URL_EXAMPLES}`;
}

/** The options after the `?`; one that is given twice must say the same twice. */
export function readOptions(query: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = options.get(name);
    if (before !== undefined && before !== value)
      refuse(`gives the option ${name} twice with different values`);
    options.set(name, value);
  }
  return options;
}

export function refuseUnknownOption(name: string, known: readonly string[]): never {
  const meant = closest(name, known, 3);
  const advice = meant ? `did you mean ${meant}?` : `known are ${[...known].sort().join(', ')}`;
  return refuse(`has the unknown option ${JSON.stringify(name)}: ${advice}`);
}
