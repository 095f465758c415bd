import { Command, Option } from 'commander';
import type { Flag } from '../settings/sources.ts';
import { PREFECT_VERSION, packageVersion } from '../version.ts';
import { configCommand } from './config/command.ts';
import { databaseCommand } from './database/command.ts';
import { profileCommand } from './profile/command.ts';
import { servicesCommand } from './services/command.ts';

/** The command line. What a command does is loaded when it is asked for, so that --help is quick. */
export function createProgram(): Command {
  const program = new Command('prefect-server')
    .description(
      `A Prefect ${PREFECT_VERSION} server on SQLite or PostgreSQL, for the unchanged Prefect client.`,
    )
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .addHelpText('after', AFTERWORD);
  program.addCommand(startCommand());
  program.addCommand(databaseCommand());
  program.addCommand(configCommand());
  program.addCommand(profileCommand());
  program.addCommand(servicesCommand());
  program.addCommand(versionCommand());
  // Prefect's own spelling: prefect server start, prefect server database upgrade.
  const server = new Command('server')
    .description('the same as Prefect spells it: server start, server database upgrade')
    .helpCommand(false);
  for (const command of [startCommand(), databaseCommand(), servicesCommand()]) server.addCommand(command);
  program.addCommand(server);
  return program;
}

const AFTERWORD = `
Settings are Prefect's own (PREFECT_SERVER_API_PORT, PREFECT_API_DATABASE_CONNECTION_URL, ...), from a flag, the
environment, .env, prefect.toml, pyproject.toml or the active profile, in this order. In short:
  PREFECT_DATABASE_PATH   the SQLite file (default: prefect.db in PREFECT_HOME, which is ~/.prefect)
  PREFECT_DATABASE_URL    a database by its address: postgresql+asyncpg://user:password@host:5432/name`;

/** The flags of \`start\` and the settings that they go before. */
const START_FLAGS = [
  ['host', '--host', 'server.api.host'],
  ['port', '--port', 'server.api.port'],
  ['keepAliveTimeout', '--keep-alive-timeout', 'server.api.keepalive_timeout'],
  ['logLevel', '--log-level', 'server.logging_level'],
  ['scheduler', '--scheduler', 'server.services.scheduler.enabled'],
  ['lateRuns', '--late-runs', 'server.services.late_runs.enabled'],
  ['ui', '--ui', 'server.ui.enabled'],
] as const satisfies [string, string, Flag['setting']][];

/** Flags of Prefect's that a setting stands behind; one without words is taken, and not shown: there is nothing to switch. */
const SWITCHES = [
  ['scheduler', 'make no runs of schedules [PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED]'],
  ['late-runs', 'mark no runs late [PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED]'],
  ['ui', ''],
] as const;

function startCommand(): Command {
  const command = new Command('start')
    .description('bring the database up to date and serve until Ctrl-C or SIGTERM')
    .option('--host <address>', 'address to listen on [PREFECT_SERVER_API_HOST, 127.0.0.1]')
    .option('--port <number>', 'port to listen on [PREFECT_SERVER_API_PORT, 4200]')
    .option(
      '--keep-alive-timeout <seconds>',
      'until an idle connection is closed [PREFECT_SERVER_API_KEEPALIVE_TIMEOUT, 5]',
    )
    .option(
      '--log-level <level>',
      'DEBUG, INFO, WARNING, ERROR or CRITICAL [PREFECT_SERVER_LOGGING_LEVEL, INFO]',
    )
    .option('--migrate-only', 'bring the database up to date, and end')
    .option('--adopt', 'take the database over where Prefect itself has made it; see database adopt')
    .option('--no-services', 'serve the API alone, without background services')
    .action(async (options: Record<string, unknown>) => {
      const { start } = await import('./start.ts');
      const { adopt, migrateOnly, services } = options;
      await start({
        flags: startFlags(options),
        migrateOnly: migrateOnly === true,
        adopt: adopt === true,
        withServices: services !== false,
      });
    });
  for (const [flag, about] of SWITCHES) {
    const off = new Option(`--no-${flag}`, about);
    command.addOption(new Option(`--${flag}`).hideHelp()).addOption(about === '' ? off.hideHelp() : off);
  }
  return command;
}

function startFlags(options: Record<string, unknown>): Flag[] {
  return START_FLAGS.filter(([option]) => options[option] !== undefined).map(([option, flag, setting]) => ({
    flag,
    setting,
    value: options[option],
  }));
}

function versionCommand(): Command {
  return new Command('version').description('print the versions').action(() => {
    process.stdout.write(
      `prefect-server ${packageVersion()}\nPrefect        ${PREFECT_VERSION}\nNode           ${process.version.slice(1)}\n`,
    );
  });
}
