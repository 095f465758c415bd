import { MAKE_ROOM, SEE_DOCTOR } from '../errors.ts';

/** By PostgreSQL's codes of errors, or the beginnings of them. */
const BY_CODE: readonly [RegExp, string][] = [
  [/^53100$/, MAKE_ROOM],
  [/^25006$/, 'set PREFECT_DATABASE_URL to a server that may be written to, not a standby'],
  [/^42501$/, 'run it as the user who owns the tables, or have the right granted'],
  [/^57014$/, 'raise PREFECT_SERVER_DATABASE_MIGRATION_TIMEOUT if it was set'],
  [/^(?:57P0[123]|08...|E[A-Z]+)$/, 'make sure that PostgreSQL runs'],
  [/^42(?:P01|P06|P07|701|703|704|710)$/, SEE_DOCTOR],
];

/** What to do about a failure; null where only its reason tells. */
export function pgAdvice(error: unknown): string | null {
  const { code = '', message } = error as Error & { code?: string };
  if (/extension "[^"]+" is not available|could not open extension control file/.test(message))
    return "install PostgreSQL's additional modules (postgresql-contrib) on its machine";
  const [, extension] = /permission denied to create extension "([^"]+)"/.exec(message) ?? [];
  if (extension) return `have a superuser run CREATE EXTENSION ${extension} in this database`;
  // A quota has another code than a full disk.
  if (/: (?:No space left on device|File too large|Disk quota exceeded)$/.test(message)) return MAKE_ROOM;
  // The driver's own words for a connection that is gone.
  if (/^Connection terminated/.test(message)) return 'make sure that PostgreSQL runs';
  return BY_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}
