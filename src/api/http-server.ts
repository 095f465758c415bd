import { createServer, type Server } from 'node:http';
import type { Settings } from '../settings/settings.ts';

/** A server that nobody answers yet. */
export function createHttpServer({ server: { api } }: Settings): Server {
  return createServer({ keepAliveTimeout: api.keepaliveTimeout * 1000 });
}
