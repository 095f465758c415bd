import { existsSync } from 'node:fs';
import { createLog } from '../log.ts';
import { MigrationError } from '../migrations/errors.ts';
import { migrate, requireMigrated } from '../migrations/runner.ts';
import {
  type DatabaseTarget,
  describeTarget,
  fileOf,
  isInMemory,
  resolveSettings,
} from '../settings/settings.ts';
import { confirm } from './confirm.ts';
import { makeHome } from './database.ts';
import { CommandError } from './failure.ts';

/** Brings the database to the head of its chain, after a yes. */
export async function upgradeDatabase({ confirmed }: { confirmed: boolean }): Promise<void> {
  const settings = resolveSettings();
  const log = await createLog(settings);
  for (const warning of settings.warnings) log.warn(warning);
  const { databaseTarget: target } = settings;
  if (isInMemory(target))
    throw new CommandError('in_memory', 'A database in memory has nothing to upgrade: name another one.');

  const pending = await pendingSentence(target);
  if (pending && !confirmed) await confirm({ what: pending, ask: 'Upgrade it?', flag: '-y' });
  makeHome(settings);
  const { applied, head } = await migrate(target, { log: (line) => log.info(line) });
  const verb = applied.length === 0 ? 'was' : 'is';
  log.info(`${describeTarget(target)} ${verb} up to date, at revision ${head}`);
}

/** Why there is something to do; null when nothing is pending. A file that isn't there isn't made by looking. */
async function pendingSentence(target: DatabaseTarget): Promise<string | null> {
  const file = fileOf(target);
  if (file !== null && !existsSync(file)) return `${describeTarget(target)} will be created.`;
  try {
    await requireMigrated(target);
    return null;
  } catch (error) {
    if (error instanceof MigrationError && error.kind === 'behind')
      return `${describeTarget(target)} is behind.`;
    throw error;
  }
}
