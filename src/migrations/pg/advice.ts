import { type Advice, adviceFrom } from '../advice.ts';
import { MAKE_ROOM, SEE_DOCTOR } from '../errors.ts';

export const PG_ADVICE: readonly Advice[] = [
  {
    message: /extension "[^"]+" is not available|could not open extension control file/,
    advice: "install PostgreSQL's additional modules (postgresql-contrib) on its machine",
  },
  {
    message: /permission denied to create extension "([^"]+)"/,
    advice: 'have a superuser run CREATE EXTENSION $1 in this database',
  },
  {
    message: /operator class "gin_trgm_ops" does not exist/,
    advice: 'add the schema that has the extension pg_trgm to the search path',
  },
  // A quota has another code than a full disk.
  {
    code: /^53100$/,
    message: /: (?:No space left on device|File too large|Disk quota exceeded)$/,
    advice: MAKE_ROOM,
  },
  {
    code: /^25006$/,
    advice: 'set PREFECT_DATABASE_URL to a server that may be written to, not a standby',
  },
  {
    code: /^42501$/,
    advice: 'run it as the user who owns the tables, or have the right granted',
  },
  {
    code: /^57014$/,
    advice: 'raise PREFECT_SERVER_DATABASE_MIGRATION_TIMEOUT if it was set',
  },
  // The words are the driver's own, for a connection that is gone.
  {
    code: /^(?:57P0[123]|08...|E[A-Z]+)$/,
    message: /^Connection terminated/,
    advice: 'make sure that PostgreSQL runs',
  },
  { code: /^42(?:P01|P06|P07|701|703|704|710)$/, advice: SEE_DOCTOR },
];

/** What to do about a failure; null where only its reason tells. */
export function pgAdvice(error: unknown): string | null {
  const { code = '', message } = error as Error & { code?: string };
  return adviceFrom(PG_ADVICE, code, message);
}
