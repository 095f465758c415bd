import { type Standing, standingOf } from '../../migrations/run/standing.ts';
import { API_VERSION } from '../../version.ts';
import { bool, string } from '../kinds/index.ts';
import { defineRoute, Reply } from '../route.ts';

export const rootRoutes = [
  defineRoute({
    method: 'get',
    path: '/health',
    summary: 'Health Check',
    tag: 'Root',
    response: bool(),
    handler: async () => true,
  }),
  defineRoute({
    method: 'get',
    path: '/version',
    summary: 'Server Version',
    tag: 'Root',
    response: string(),
    handler: async () => API_VERSION,
  }),
  defineRoute({
    method: 'get',
    path: '/hello',
    summary: 'Hello',
    tag: 'Root',
    response: string(),
    handler: async () => '👋',
  }),
  defineRoute({
    method: 'get',
    path: '/ready',
    summary: 'Perform Readiness Check',
    tag: 'Root',
    handler: async ({ query }, { db, log, services, revision = null }) => {
      try {
        const standing = revision === null ? await db.ping() : await standingOf(db, revision);
        if (standing === 'behind' || standing === 'ahead') return new Reply(503, moved(standing, revision));
        // Beside what Prefect says: this answers only when nothing is pending.
        const ready = { message: 'OK', state: 'ready', revision, migrated: true };
        return isVerbose(query) ? { ...ready, services: (await services?.report()) ?? [] } : ready;
      } catch (err) {
        log.warn({ err }, 'the database does not answer');
        return new Reply(503, {
          message: 'Database is not available',
          state: 'unavailable',
          revision,
          migrated: true,
        });
      }
    },
  }),
];

/** Somebody has changed the schema under a server that goes on. */
function moved(state: Exclude<Standing, 'same'>, revision: string | null) {
  const message = 'The database is no longer at the revision of this server: restart it.';
  return { message, state, revision, migrated: false };
}

/** `?verbose`, with whatever value but a no. */
function isVerbose({ verbose }: Record<string, string>): boolean {
  return verbose !== undefined && !/^(0|false|no|off)$/i.test(verbose);
}
