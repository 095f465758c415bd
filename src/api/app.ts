import type { Server } from 'node:http';
import compression from 'compression';
import express from 'express';
import { takeEncryptionKey } from '../entities/block/encryption-key.ts';
import { readBodies } from './body.ts';
import { answerBrokenRequests } from './broken-request.ts';
import { allowOrigins } from './cors.ts';
import { csrfGuard } from './csrf.ts';
import { docs } from './docs.ts';
import { decodeSlashes } from './encoded-slashes.ts';
import { answerError, answerUnmatched, refuseImplicitVerbs } from './failure.ts';
import { requireAuth } from './guard.ts';
import { createHttpServer } from './http-server.ts';
import { metrics } from './metrics.ts';
import { mountRoutes, type Services } from './mount.ts';
import { routers } from './routers.ts';
import { takeLimits } from './schemas/limits.ts';
import { attachSockets } from './sockets.ts';

export interface App {
  server: Server;
  /** Answers what is in flight, then closes; resolves when the last connection has ended. */
  close(): Promise<void>;
}

/** Every route under the API's base path, on a server that may listen already. */
export function createApp(services: Services, server: Server = createHttpServer(services.settings)): App {
  takeLimits(services.settings);
  takeEncryptionKey(services.db, services.settings);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('strict routing', true);
  app.set('case sensitive routing', true);
  app.set('query parser', 'simple');

  const base = services.settings.server.api.basePath ?? '/api';
  // On a loopback connection compressing costs more than it saves; only long answers are worth it.
  app.use(compression({ threshold: 8 * 1024, level: 1 }));
  app.use(allowOrigins(services));
  app.use(refuseImplicitVerbs(base));
  app.use(base, requireAuth(services), csrfGuard(services), metrics(services), ...readBodies());
  const api = express.Router({ strict: true, caseSensitive: true });
  for (const [prefix, routes] of routers) api.use(prefix, mountRoutes(routes, services));
  // Behind the guards, so that no other spelling of a path gets round them.
  app.use(base, api, decodeSlashes(api));
  app.get('/', (_request, response) => response.redirect(307, '/docs'));
  app.use(docs());
  app.use(base, docs());
  app.use(answerUnmatched(base));
  app.use(answerError(services));

  server.on('request', app);
  answerBrokenRequests(server, services);
  const sockets = attachSockets(server, services);
  return {
    server,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      await sockets.close();
      await closed;
    },
  };
}
