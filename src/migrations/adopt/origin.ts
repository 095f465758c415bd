import { PREFECT_VERSION } from '../../version.ts';
import { ALEMBIC, LEDGER } from '../catalog/book-keeping.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError, ofAnother } from '../errors.ts';
import { ADOPTED, readAlembic } from './alembic.ts';
import { prefectHead, releaseOf } from './prefect-revisions.ts';

/** Whose a database is; Prefect's are at the head of PREFECT_VERSION. */
export type Owner = 'ours' | 'prefect';

const ADOPT = 'prefect-server database adopt';

/** @throws MigrationError for one that is nobody's, or that Prefect has left at another revision */
export async function ownerOf(connection: MigrationConnection): Promise<Owner> {
  const tables = await connection.tableNames();
  if (tables.includes(LEDGER)) return 'ours';
  if (tables.includes(ALEMBIC)) {
    requireHead(connection, await readAlembic(connection));
    return 'prefect';
  }
  if (tables.length === 0)
    throw new MigrationError(
      'not_ours',
      `${connection.place} is empty, and there is nothing to take over or to give back: run prefect-server database upgrade to make it.`,
    );
  throw ofAnother(connection, tables);
}

function requireHead({ place, chain }: MigrationConnection, versions: readonly string[]): void {
  const head = prefectHead(chain);
  const [version] = versions;
  if (version === undefined)
    throw new MigrationError(
      'behind',
      `${place} has an empty alembic_version, so that none of Prefect's revisions counts as applied: ` +
        `run prefect server database upgrade -y with Prefect ${PREFECT_VERSION}, then ${ADOPT}.`,
    );
  if (versions.length > 1)
    throw new MigrationError(
      'changed',
      `${place} is at ${versions.length} revisions of Prefect at once (${versions.join(', ')}): ` +
        `delete from alembic_version what its tables are not at, then run ${ADOPT}.`,
    );
  if (version === ADOPTED)
    throw new MigrationError(
      'changed',
      `${place} was taken over from Prefect, but its ledger (_migrations) is gone: restore that table from a backup.`,
    );
  if (version === head) return;
  const release = releaseOf(chain, version);
  if (release === null)
    throw new MigrationError(
      'ahead',
      `${place} is at revision ${version}, which Prefect ${PREFECT_VERSION} doesn't have, so that a newer one made it: ` +
        `run prefect server database downgrade -y -r ${head} with that version, then ${ADOPT}.`,
    );
  throw new MigrationError(
    'behind',
    `${place} was made by an older Prefect (revision ${version}: ${release}): ` +
      `run prefect server database upgrade -y with Prefect ${PREFECT_VERSION}, then ${ADOPT}.`,
  );
}
