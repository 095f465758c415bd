import type { RequestHandler } from 'express';
import { readCsrfToken } from '../entities/csrf-token.ts';
import { detail } from '../errors.ts';
import { sameText } from './guard.ts';
import type { Services } from './mount.ts';

const CHANGES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Asks a change for the token that its client got from /csrf-token, where the setting says so. */
export function csrfGuard({ db, settings }: Services): RequestHandler {
  const enabled = settings.server.api.csrfProtectionEnabled;
  return async (request, _response, next) => {
    if (enabled && CHANGES.has(request.method)) {
      const token = request.get('prefect-csrf-token');
      const client = request.get('prefect-csrf-client');
      if (token === undefined) throw detail(403, 'Missing CSRF token.');
      if (client === undefined) throw detail(403, 'Missing client identifier.');
      const expected = await readCsrfToken(db, client);
      if (expected === undefined || !sameText(token, expected))
        throw detail(403, 'Invalid CSRF token or client identifier.', { 'access-control-allow-origin': '*' });
    }
    next();
  };
}
