import { COPY_TABLE } from '../catalog/book-keeping.ts';
import type { MigrationConnection } from '../connection.ts';
import { type Finding, finding } from '../doctor/findings.ts';
import { lower, MigrationError } from '../errors.ts';
import { readCopyState } from './state.ts';

/** Keeps everything but the copy itself away from a database that isn't whole yet. */
export async function refuseUnfinishedCopy(
  connection: MigrationConnection,
  tables: readonly string[],
): Promise<void> {
  if (!tables.includes(COPY_TABLE)) return;
  const { origin } = await readCopyState(connection);
  throw new MigrationError(
    'interrupted',
    `${connection.place} is an unfinished copy of ${lower(origin.source)}: run prefect-server database copy --from that one --to this one again to finish it.`,
  );
}

/** The same for the doctor. */
export async function unfinishedCopy(connection: MigrationConnection): Promise<Finding> {
  const { origin } = await readCopyState(connection);
  return finding({
    ...{ code: 'copy.unfinished', severity: 'error', object: 'the database' },
    problem: `is an unfinished copy of ${lower(origin.source)}`,
    advice: 'run prefect-server database copy --from that one --to this one again, which finishes it',
  });
}
