import type { Logger } from 'pino';
import { createHttpServer } from '../api/http-server.ts';
import { createLog } from '../log.ts';
import { upgrade } from '../migrations/runner.ts';
import { describeTarget, isInMemory, resolveSettings, type Settings } from '../settings/settings.ts';
import type { Flag } from '../settings/sources.ts';
import { packageVersion } from '../version.ts';
import { inMemory } from './database/context.ts';
import { makeHome, openCurrent } from './database.ts';
import { apiUrl, checkPort, listen } from './listen.ts';
import { backupPolicy } from './migration/backup-policy.ts';
import { createReporter } from './migration/reporter.ts';
import { createEntrance, Stopped } from './migration/waiting.ts';
import { stopOnSignal } from './stop.ts';
import { welcome } from './welcome.ts';

export interface StartOptions {
  flags: Flag[];
  /** For a job of its own before the servers start: nothing is served. */
  migrateOnly?: boolean;
}

/** Starts the server and returns when it has been told to stop and has stopped. */
export async function start({ flags, migrateOnly = false }: StartOptions): Promise<void> {
  const settings = resolveSettings({ flags });
  const log = await createLog(settings);
  for (const warning of settings.warnings) log.warn(warning);

  if (migrateOnly) return migrateAndEnd(settings, log);
  // Nothing is touched when there would be nowhere to serve.
  await checkPort(settings);
  const server = createHttpServer(settings);
  const entrance = createEntrance(server, settings, log);
  try {
    const [{ createApp }, opened] = await Promise.all([
      import('../api/app.ts'),
      openCurrent(settings, log, entrance.migrate),
    ]);
    const { db, revision } = opened;
    entrance.leave();
    const app = createApp({ db, settings, log, revision }, server);
    const stopped = stopOnSignal(log, { app, db });
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

async function migrateAndEnd(settings: Settings, log: Logger): Promise<void> {
  const { databaseTarget: target } = settings;
  if (isInMemory(target)) throw inMemory();
  makeHome(settings);
  const { applied, head } = await upgrade(target, {
    backup: backupPolicy(settings),
    reporter: createReporter(log),
  });
  const verb = applied.length === 0 ? 'was' : 'is';
  log.info(`${describeTarget(target)} ${verb} up to date, at revision ${head ?? 'base'}`);
}
