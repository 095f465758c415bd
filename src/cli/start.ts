import type { Logger } from 'pino';
import { createHttpServer } from '../api/http-server.ts';
import { registerBlocks } from '../entities/block/catalogue.ts';
import { createLog } from '../log.ts';
import { describeTarget, isInMemory, resolveSettings, type Settings } from '../settings/settings.ts';
import type { Flag } from '../settings/sources.ts';
import { packageVersion } from '../version.ts';
import { inMemory } from './database/context.ts';
import { apiUrl, checkPort, listen } from './listen.ts';
import { backupPolicy } from './migration/backup-policy.ts';
import { runMigration } from './migration/migrate.ts';
import { createReporter } from './migration/reporter.ts';
import { createEntrance, Stopped } from './migration/waiting.ts';
import { isPrefects, makeHome, openCurrent } from './open-database.ts';
import { stopOnSignal } from './stop.ts';
import { welcome } from './welcome.ts';

export interface StartOptions {
  flags: Flag[];
  /** For a job of its own before the servers start: nothing is served. */
  migrateOnly?: boolean;
  /** Takes a database over that Prefect itself has made. */
  adopt?: boolean;
  /** False for a server that answers requests alone, beside others that do the background work. */
  withServices?: boolean;
}

/** Starts the server and returns when it has been told to stop and has stopped. */
export async function start(options: StartOptions): Promise<void> {
  const { flags, migrateOnly = false, adopt = false, withServices = true } = options;
  const settings = resolveSettings({ flags });
  const log = await createLog(settings);
  for (const warning of settings.warnings) log.warn(warning);

  if (migrateOnly) return migrateAndEnd(settings, log, adopt);
  // Nothing is touched when there would be nowhere to serve.
  await checkPort(settings);
  const server = createHttpServer(settings);
  const entrance = createEntrance(server, settings, log);
  try {
    const [{ createApp }, { startServices }, opened] = await Promise.all([
      import('../api/app.ts'),
      import('../services/runner.ts'),
      openCurrent(settings, log, entrance.migrate, { adopt }),
    ]);
    const { db, revision } = opened;
    if (settings.server.registerBlocksOnStart) await registerBlocks(db);
    entrance.leave();
    const services = startServices({ db, settings, log }, withServices ? undefined : []);
    const app = createApp({ db, settings, log, revision, services }, server);
    const stopped = stopOnSignal(log, { app, services, db });
    const port = await listen(server, settings);
    const [row] = await db.execute<{ engine: string }>(db.dialect.engine);
    welcome(log, {
      version: packageVersion(),
      database: describeTarget(settings.databaseTarget),
      engine: row!.engine,
      revision,
      applied: opened.applied,
      milliseconds: opened.milliseconds,
      url: apiUrl(settings, port),
    });
    await stopped;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    log.info('stopped');
  }
}

async function migrateAndEnd(settings: Settings, log: Logger, adopt: boolean): Promise<void> {
  const { databaseTarget: target } = settings;
  if (isInMemory(target)) throw inMemory();
  makeHome(settings);
  const migrate = (adopt: boolean) =>
    runMigration({ target, backup: backupPolicy(settings), adopt }, { reporter: createReporter(log) });
  const { applied, head } = await migrate(false).catch((error: unknown) => {
    if (adopt && isPrefects(error)) return migrate(true);
    throw error;
  });
  const verb = applied.length === 0 ? 'was' : 'is';
  log.info(`${describeTarget(target)} ${verb} up to date, at revision ${head ?? 'base'}`);
}
