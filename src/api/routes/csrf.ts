import { renewCsrfToken } from '../../entities/csrf-token.ts';
import { errors } from '../../errors.ts';
import { defineRoute } from '../route.ts';
import { CsrfToken, CsrfTokenQuery } from '../schemas/csrf-token.ts';

export const csrfRoutes = [
  defineRoute({
    method: 'get',
    path: '/csrf-token',
    summary: 'Create Csrf Token',
    tag: 'Root',
    query: CsrfTokenQuery,
    response: CsrfToken,
    handler: async ({ query }, { db, settings }) => {
      const { csrfProtectionEnabled, csrfTokenExpiration } = settings.server.api;
      if (!csrfProtectionEnabled) throw errors.unprocessable('CSRF protection is disabled.');
      return renewCsrfToken(db, query.client, csrfTokenExpiration);
    },
  }),
];
