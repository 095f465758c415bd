import { rmSync } from 'node:fs';
import type { DatabaseTarget } from '../../settings/settings.ts';
import { connected } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { reasonOf } from '../errors.ts';
import { type LockWait, withLock } from '../run/lock.ts';
import { type Finding, isFixable } from './findings.ts';

export interface FixResult {
  readonly finding: Finding;
  /** Null when it was done. */
  readonly error: string | null;
}

/**
 * Does what the findings that can be put right without losing anything ask for, under the lock of migrations; the others
 * are left alone. What fails is told, and the next one is done all the same.
 * @throws MigrationError when the database can't be reached, or is being migrated
 */
export function fix(
  on: DatabaseTarget | MigrationConnection,
  findings: readonly Finding[],
  wait: LockWait,
): Promise<FixResult[]> {
  return connected(on, async (connection) => {
    const fixable = findings.filter(isFixable);
    if (fixable.length === 0) return [];
    return withLock(connection, wait, async () => {
      const results: FixResult[] = [];
      for (const finding of fixable) {
        const error = await attempt(connection, finding);
        wait.reporter.line(
          error === null ? `fixed: ${finding.object}` : `not fixed: ${finding.object} (${error})`,
        );
        results.push({ finding, error });
      }
      return results;
    });
  });
}

/** SQLite's changes of structure belong together; PostgreSQL's concurrent ones allow no transaction around them. */
async function attempt(connection: MigrationConnection, { fix, files }: Finding): Promise<string | null> {
  const run = async () => {
    for (const statement of fix) await connection.run(statement);
  };
  try {
    if (connection.chain === 'sqlite' && fix.length > 1)
      await connection.revision({ atomic: true, statements: fix }, run);
    else await run();
    for (const file of files) rmSync(file, { force: true });
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}
