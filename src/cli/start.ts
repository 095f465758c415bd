import { createHttpServer } from '../api/http-server.ts';
import { createLog } from '../log.ts';
import { describeTarget, resolveSettings } from '../settings/settings.ts';
import type { Flag } from '../settings/sources.ts';
import { packageVersion } from '../version.ts';
import { openCurrent } from './database.ts';
import { apiUrl, checkPort, listen } from './listen.ts';
import { createEntrance, Stopped } from './migration/waiting.ts';
import { stopOnSignal } from './stop.ts';
import { welcome } from './welcome.ts';

export interface StartOptions {
  flags: Flag[];
}

/** Starts the server and returns when it has been told to stop and has stopped. */
export async function start({ flags }: StartOptions): Promise<void> {
  const settings = resolveSettings({ flags });
  const log = await createLog(settings);
  for (const warning of settings.warnings) log.warn(warning);

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
