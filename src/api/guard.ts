import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { errors } from '../errors.ts';
import type { Services } from './mount.ts';

/** The oldest API version whose requests are understood, as Prefect's own server has it. */
const MINIMUM_API_VERSION = [0, 8, 0];

/** What every request must pass before its route: the auth string and the API version. */
export function guard({ settings }: Services): RequestHandler {
  const authString = settings.server.api.authString?.reveal();
  return (request, _response, next) => {
    const open = request.method === 'GET' && (request.path === '/health' || request.path === '/ready');
    if (authString && !open && !isAuthorized(request.headers.authorization, authString))
      throw errors.unauthorized();
    if (request.path !== '/version' && request.path !== '/health')
      checkApiVersion(request.headers['x-prefect-api-version']);
    next();
  };
}

/** Whether a `Basic` header carries the auth string; compared in constant time. */
export function isAuthorized(header: string | undefined, authString: string): boolean {
  const match = /^basic\s+(.+)$/i.exec(header ?? '');
  if (!match) return false;
  return sameText(Buffer.from(match[1]!, 'base64').toString('utf8'), authString);
}

export function sameText(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}

function checkApiVersion(header: string | string[] | undefined): void {
  if (typeof header !== 'string') return;
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(header);
  if (!match) {
    throw errors.badRequest(
      `Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received ${header}`,
    );
  }
  const version = match.slice(1).map(Number);
  for (let i = 0; i < 3; i++) {
    if (version[i]! > MINIMUM_API_VERSION[i]!) return;
    if (version[i]! < MINIMUM_API_VERSION[i]!) {
      throw errors.badRequest(
        `The request specified API version ${header} but this server requires version ${MINIMUM_API_VERSION.join('.')} or higher.`,
      );
    }
  }
}
