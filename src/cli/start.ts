import { createLog } from '../log.ts';
import { describeTarget, resolveSettings } from '../settings/settings.ts';
import type { Flag } from '../settings/sources.ts';
import { packageVersion } from '../version.ts';
import { openCurrent } from './database.ts';
import { apiUrl, checkPort, listen } from './listen.ts';
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
  const [{ createApp }, opened] = await Promise.all([import('../api/app.ts'), openCurrent(settings, log)]);
  const app = createApp({ db: opened.db, settings, log });
  const stopped = stopOnSignal(log, { app, db: opened.db });
  const port = await listen(app.server, settings);

  welcome(log, {
    version: packageVersion(),
    database: describeTarget(settings.databaseTarget),
    revision: opened.revision,
    applied: opened.applied,
    url: apiUrl(settings, port),
  });
  await stopped;
}
