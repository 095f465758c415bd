import { Command, Option } from 'commander';
import { jsonOption } from '../output.ts';

/** Prefect's commands with its options and defaults, and what it has none for. */
export function databaseCommand(): Command {
  const group = new Command('database').description('look after the database').helpCommand(false);
  const commands = [
    upgradeCommand(),
    downgradeCommand(),
    resetCommand(),
    stampCommand(),
    revisionCommand(),
    ...statusCommands(),
    planCommand(),
    checkCommand(),
    doctorCommand(),
    backupCommand(),
    restoreCommand(),
    copyCommand(),
    adoptCommand(),
  ];
  for (const command of commands) group.addCommand(command);
  return group;
}

const yes = (): Option => new Option('-y, --yes', 'do not ask');
const dryRun = (): Option => new Option('--dry-run', 'print the SQL instead of running it');
const noBackup = (): Option =>
  new Option('--no-backup', 'make no copy of an SQLite file before what rebuilds or loses something');
const ignoreClients = (): Option =>
  new Option('--ignore-clients', 'PostgreSQL: go on though other clients are connected');
const dialect = (): Option =>
  new Option('--dialect <engine>', 'with --dry-run: of this engine, without a database').choices([
    'sqlite',
    'postgresql',
  ]);

const REVISIONS = 'head, base, +N, -N, an id of either chain or the beginning of one';

function upgradeCommand(): Command {
  return new Command('upgrade')
    .description('bring the database up to date')
    .addOption(yes())
    .option('-r, --revision <revision>', `to this one: ${REVISIONS}`, 'head')
    .addOption(dryRun())
    .addOption(dialect())
    .addOption(noBackup())
    .addOption(jsonOption())
    .action(async (options) => {
      const { upgradeDatabase } = await import('./upgrade.ts');
      await upgradeDatabase(options);
    });
}

function downgradeCommand(): Command {
  return new Command('downgrade')
    .description('undo revisions, also those of a newer version of the server')
    .addOption(yes())
    .option('-r, --revision <revision>', `back to this one: ${REVISIONS}`, '-1')
    .addOption(dryRun())
    .addOption(dialect())
    .option('--accept-data-loss', 'undo also what cannot be undone without a loss')
    .addOption(noBackup())
    .addOption(jsonOption())
    .action(async (options) => {
      const { downgradeDatabase } = await import('./downgrade.ts');
      await downgradeDatabase(options);
    });
}

function resetCommand(): Command {
  return new Command('reset')
    .description('drop all tables with everything in them, and make them anew')
    .addOption(yes())
    .addOption(noBackup())
    .addOption(ignoreClients())
    .addOption(jsonOption())
    .action(async (options) => {
      const { resetDatabase } = await import('./reset.ts');
      await resetDatabase(options);
    });
}

function stampCommand(): Command {
  return new Command('stamp')
    .description('note that the database is at a revision, and run nothing')
    .argument('<revision>', REVISIONS)
    .addOption(yes())
    .addOption(jsonOption())
    .action(async (revision: string, options) => {
      const { stampDatabase } = await import('./stamp.ts');
      await stampDatabase(revision, options);
    });
}

function revisionCommand(): Command {
  return new Command('revision')
    .description('make a revision on both chains from the schema; in a checkout of the sources')
    .option('-m, --message <text>', 'what it does')
    .addOption(new Option('--autogenerate', 'is always done').hideHelp())
    .action(async (options) => {
      const { makeRevision } = await import('./revision.ts');
      makeRevision(options);
    });
}

function statusCommands(): Command[] {
  const load = () => import('./status.ts');
  return [
    new Command('current')
      .description('say where the database is')
      .addOption(jsonOption())
      .action(async (options) => (await load()).printCurrent(options)),
    new Command('history')
      .description('list the revisions, the newest first')
      .addOption(jsonOption())
      .action(async (options) => (await load()).printHistory(options)),
    new Command('heads')
      .description('say what the newest revisions of this version are')
      .addOption(jsonOption())
      .action(async (options) => (await load()).printHeads(options)),
  ];
}

function planCommand(): Command {
  return new Command('plan')
    .description(
      'list what an upgrade would run: the statements, what they lock and rewrite, and how long it takes',
    )
    .option('-r, --revision <revision>', `to this one: ${REVISIONS}`, 'head')
    .addOption(jsonOption())
    .action(async (options) => {
      const { printPlan } = await import('./plan.ts');
      await printPlan(options);
    });
}

function checkCommand(): Command {
  return new Command('check')
    .description('exit with 0 at the head, 3 ahead of it, 4 behind it, 5 when the tables are not its own')
    .addOption(jsonOption())
    .action(async (options) => {
      const { checkDatabase } = await import('./health.ts');
      await checkDatabase(options);
    });
}

function doctorCommand(): Command {
  return new Command('doctor')
    .description('compare the database with what its revisions should have built, and say what to do')
    .option('--fix', 'do what can lose nothing')
    .option('--deep', 'read everything, every page, every value and every reference')
    .addOption(yes())
    .addOption(jsonOption())
    .action(async (options) => {
      const { examineDatabase } = await import('./health.ts');
      await examineDatabase(options);
    });
}

function backupCommand(): Command {
  return new Command('backup')
    .description('make a checked copy of an SQLite database, while it is in use')
    .argument('[file]', 'where to; beside the database unless it is given')
    .addOption(jsonOption())
    .action(async (file: string | undefined, options) => {
      const { backUpDatabase } = await import('./backup.ts');
      await backUpDatabase(file, options);
    });
}

function restoreCommand(): Command {
  return new Command('restore')
    .description('put a copy in the place of an SQLite database that nobody has open')
    .argument('<file>', 'the copy')
    .addOption(yes())
    .addOption(jsonOption())
    .action(async (file: string, options) => {
      const { restoreDatabase } = await import('./backup.ts');
      await restoreDatabase(file, options);
    });
}

function adoptCommand(): Command {
  return new Command('adopt')
    .description('take over a database that Prefect itself has made, or give one back to it')
    .option('--give-back', 'make the database one that Prefect itself can use and migrate')
    .addOption(yes())
    .option('--accept-data-loss', 'with --give-back: undo also what cannot be undone without a loss')
    .option('--no-backup', 'make no copy of an SQLite file before')
    .addOption(ignoreClients())
    .addOption(jsonOption())
    .action(async (options) => {
      const { adoptDatabase } = await import('./adopt.ts');
      await adoptDatabase(options);
    });
}

function copyCommand(): Command {
  return new Command('copy')
    .description('copy a database at the head into an empty one of either engine, or finish such a copy')
    .requiredOption('--from <url>', 'the database to copy')
    .requiredOption('--to <url>', 'an empty one, or this copy where it was interrupted')
    .option('--live', 'be content with the moment at which it begins, when others go on writing')
    .option(
      '--replace-characters',
      'put U+FFFD in the place of characters that PostgreSQL has not (NUL, half of a surrogate pair)',
    )
    .addOption(jsonOption())
    .action(async (options) => {
      const { copyBetween } = await import('./copy.ts');
      await copyBetween(options);
    });
}
