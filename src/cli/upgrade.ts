import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
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
import { makeHome } from './database.ts';
import { CommandError, EXIT } from './failure.ts';

/** Brings the database to the head of its chain, after a yes. */
export async function upgradeDatabase({ confirmed }: { confirmed: boolean }): Promise<void> {
  const settings = resolveSettings();
  const log = await createLog(settings);
  for (const warning of settings.warnings) log.warn(warning);
  const { databaseTarget: target } = settings;
  if (isInMemory(target))
    throw new CommandError('A database in memory has nothing to upgrade: name another one.', EXIT.usage);

  const pending = await pendingSentence(target);
  if (pending && !confirmed) await confirm(pending);
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

async function confirm(pending: string): Promise<void> {
  const { stdin, stderr } = process;
  const refused = (why: string) =>
    new CommandError(`${pending.replace(/[.]$/, '')}, and ${why}.`, EXIT.refused);
  if (!stdin.isTTY || !stderr.isTTY) throw refused('nobody is there to be asked: add -y to upgrade it');
  const dialogue = createInterface({ input: stdin, output: stderr });
  const answer = await dialogue.question(`${pending} Upgrade it? [y/N] `);
  dialogue.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw refused('was left as it is');
}
