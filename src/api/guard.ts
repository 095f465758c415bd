import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { errors } from '../errors.ts';
import type { Services } from './mount.ts';

/** With an auth string set, every request must carry it, but for the two that probes ask. */
export function requireAuth({ settings }: Services): RequestHandler {
  const authString = settings.server.api.authString?.reveal();
  return (request, _response, next) => {
    const open = request.method === 'GET' && isProbe(request);
    if (authString && !open && !isAuthorized(request.headers.authorization, authString))
      throw errors.unauthorized();
    next();
  };
}

/** What `?verbose` tells (why a service failed, say) is for those who know the auth string. */
function isProbe({ path, query }: Request): boolean {
  return path === '/health' || (path === '/ready' && !('verbose' in query));
}

/** Whether a `Basic` header carries the auth string; compared in constant time. */
function isAuthorized(header: string | undefined, authString: string): boolean {
  const match = /^basic\s+(.+)$/i.exec(header ?? '');
  if (!match) return false;
  return sameText(Buffer.from(match[1]!, 'base64').toString('utf8'), authString);
}

export function sameText(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
