import { packageVersion } from '../version.ts';
import type { RunOptions } from './connect.ts';
import type { MigrationConnection } from './connection.ts';
import { MigrationError, reasonOf } from './errors.ts';
import { writeLedgerRow } from './ledger.ts';
import { lower } from './plan.ts';
import type { Revision } from './revisions.ts';

export interface Applied extends RunOptions {
  /** The copy that was made before. */
  backup?: string | undefined;
}

export async function applyRevisions(
  connection: MigrationConnection,
  revisions: readonly Revision[],
  { reporter }: Applied,
): Promise<void> {
  const appVersion = packageVersion();
  for (const [index, revision] of revisions.entries()) {
    const { id, statements } = revision;
    reporter.line(`applying: ${id}`);
    const milliseconds = await apply(connection, revision, appVersion);
    reporter.line(
      `applied ${id} (${statements.length} statements, ${milliseconds} ms), ${index + 1} of ${revisions.length}`,
    );
  }
}

async function apply(
  connection: MigrationConnection,
  revision: Revision,
  appVersion: string,
): Promise<number> {
  const { statements, transactional } = revision;
  const start = performance.now();
  let at = 0;
  try {
    return await connection.revision(transactional, async () => {
      for (const statement of statements) {
        at++;
        await connection.run(statement);
      }
      const milliseconds = Math.round(performance.now() - start);
      await writeLedgerRow(connection, revision, milliseconds, appVersion);
      return milliseconds;
    });
  } catch (error) {
    throw failure(connection, revision, at, error);
  }
}

function failure(
  connection: MigrationConnection,
  { id, slug, statements, transactional, parent }: Revision,
  at: number,
  error: unknown,
): MigrationError {
  const locked = connection.isLockTimeout(error);
  const what =
    `Revision ${id} (${slug}) failed at statement ${Math.max(at, 1)} of ${statements.length} on ` +
    `${lower(connection.place)} (${reasonOf(error)})`;
  const where = transactional
    ? `it was rolled back, which leaves the database at ${parent ?? 'base'}`
    : 'it runs without a transaction, so what it had done before stays, and the next start runs it again';
  const next = locked ? 'stop whatever else is using the database' : 'put right what the reason names';
  const message = `${what}; ${where}: ${next}, then start again.`;
  return new MigrationError(locked ? 'locked' : 'failed', message, { cause: error });
}
