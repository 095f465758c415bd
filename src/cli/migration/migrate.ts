import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrationReporter } from '../../migrations/progress.ts';
import type { BackupPolicy } from '../../migrations/run/backup-before.ts';
import { type MigrateResult, type UpgradeOptions, upgrade } from '../../migrations/run/upgrade.ts';
import { type DatabaseTarget, fileOf } from '../../settings/settings.ts';
import { migrateAside } from './aside.ts';

/** What is to be brought up to date, and how; it is sent to another process as it is. */
export interface Migration {
  target: DatabaseTarget;
  backup: BackupPolicy | false;
  /** Takes it over where Prefect itself has made it. */
  adopt: boolean;
}

export interface MigrationOutcome {
  /** In the order in which they were applied. */
  applied: string[];
  head: string | null;
  /** The copy that was made before. */
  backup?: string | undefined;
}

/** In this process. */
export async function runMigration(
  { target, backup, adopt }: Migration,
  options: Pick<UpgradeOptions, 'reporter' | 'signal'>,
): Promise<MigrateResult> {
  if (!adopt) return upgrade(target, { backup, ...options });
  const migrations = await import('../../migrations/adopt/adopt.ts');
  return migrations.adopt(target, { backup, ...options });
}

/** So long the database gets to roll back before its connection is cut. */
const ROLL_BACK_MS = 1_500;

/** No statement on a file of this size takes so long that a probe would notice. */
const SMALL_FILE_BYTES = 32 * 1024 * 1024;

/**
 * Brings a database up to date while the server answers probes.
 * @throws the signal's reason as soon as it comes; what was being done is rolled back
 */
export async function migrateBesideServing(
  migration: Migration,
  reporter: MigrationReporter,
  signal: AbortSignal,
): Promise<MigrationOutcome> {
  const work = (isLargeFile(migration.target) ? migrateAside : migrateHere)(migration, reporter, signal);
  const aborted = new Promise<never>((_resolve, reject) => {
    const settled = () => Promise.race([work.catch(() => {}), sleep(ROLL_BACK_MS)]);
    signal.addEventListener('abort', () => void settled().then(() => reject(signal.reason)), { once: true });
  });
  // Whatever the work ends with after the signal is the signal's doing.
  return Promise.race([work.catch((error) => (signal.aborted ? aborted : Promise.reject(error))), aborted]);
}

async function migrateHere(
  migration: Migration,
  reporter: MigrationReporter,
  signal: AbortSignal,
): Promise<MigrationOutcome> {
  const done = await runMigration(migration, { reporter, signal });
  return { applied: done.applied.map(({ id }) => id), head: done.head, backup: done.backup };
}

function isLargeFile(target: DatabaseTarget): boolean {
  const file = fileOf(target);
  const size = file === null ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return size > SMALL_FILE_BYTES;
}
