import { MigrationError } from '../errors.ts';

export const OLDEST_POSTGRES = 13;

/**
 * @param number of the version as the server has it: 180001 for 18.1
 * @throws MigrationError when the server is too old
 */
export function requirePostgres(number: number, version: string, place: string): void {
  if (number >= OLDEST_POSTGRES * 10_000) return;
  throw new MigrationError(
    'too_old',
    `${place} runs on PostgreSQL ${version}, and prefect-server needs ${OLDEST_POSTGRES} or newer: ` +
      'upgrade PostgreSQL, or set PREFECT_DATABASE_URL to another server.',
  );
}
