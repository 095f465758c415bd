import { packageVersion } from '../../version.ts';
import { loadDataStep } from '../chain/data-step.ts';
import { kindHints } from '../chain/kind-hints.ts';
import type { Revision } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import type { Job } from './job.ts';
import { type JobsOptions, runJobs } from './jobs.ts';
import { writeLedgerRow } from './ledger.ts';

export interface ApplyOptions extends JobsOptions {
  chainFolder: string;
}

/** Under the lock of migrations. */
export function applyRevisions(
  connection: MigrationConnection,
  revisions: readonly Revision[],
  options: ApplyOptions,
): Promise<void> {
  const jobs = revisions.map(
    (revision, index) => () =>
      upJob(connection, revision, options.chainFolder, [index + 1, revisions.length]),
  );
  return runJobs(connection, jobs, options);
}

async function upJob(
  connection: MigrationConnection,
  revision: Revision,
  chainFolder: string,
  [number, of]: [number, number],
): Promise<Job> {
  const { id, slug, parent, statements, transactional, checksum } = revision;
  return {
    ...{ direction: 'up', id, name: slug, number, of, statements, transactional, checksum, from: parent },
    data: revision.data && (await loadDataStep(revision.data)),
    hint: kindHints(connection.chain, chainFolder, revision.folder),
    finish: (milliseconds) => writeLedgerRow(connection, revision, milliseconds, packageVersion()),
  };
}
