import { del, type Group, get, post, sequence } from '../sequence.ts';

export const AUTH_STRING = 'admin:pass: word';
const as = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
const authorization = as(AUTH_STRING);
const signedIn = { headers: { authorization } };
const withToken = (headers: Record<string, string>) => ({ headers: { authorization, ...headers } });
const flow = { name: 'guarded-<tag>' };

/** For servers with an auth string and with protection against forged requests. */
export const guarded: Group = {
  name: 'guarded',
  sequences: [
    sequence(
      'who may ask',
      get('/health'),
      get('/ready'),
      get('/health/'),
      ...[
        '/version',
        '/hello',
        '/admin/version',
        '/flows/<uuid:nobody>',
        '/flows%2F<uuid:nobody>',
        '/nothing-here',
      ].map((path) => get(path)),
      post('/flows/', flow),
      post('/health', {}),
      ...[
        as('admin:wrong'),
        as('admin'),
        as(''),
        authorization.replace('Basic', 'Bearer'),
        AUTH_STRING,
        'Basic',
        'Basic !',
      ].map((authorization) => get('/hello', { headers: { authorization } })),
      get('/hello', { headers: { authorization: authorization.replace('Basic', 'basic') } }),
      get('/hello', signedIn),
      get('/flows/<uuid:nobody>', signedIn),
    ),
    sequence(
      'tokens',
      get('/csrf-token', signedIn),
      get('/csrf-token?client=', signedIn),
      get('/csrf-token?client=<uuid:client>'),
      get('/csrf-token?client=<uuid:client>', { ...signedIn, save: 'first' }),
      get('/csrf-token?client=<uuid:client>', { ...signedIn, save: 'again' }),
      post('/flows/', flow, signedIn),
      post('/flows/', flow, withToken({ 'prefect-csrf-token': '<again.token>' })),
      post('/flows/', flow, withToken({ 'prefect-csrf-client': '<uuid:client>' })),
      post(
        '/flows/',
        flow,
        withToken({ 'prefect-csrf-token': '<first.token>', 'prefect-csrf-client': '<uuid:client>' }),
      ),
      post(
        '/flows/',
        flow,
        withToken({ 'prefect-csrf-token': '<again.token>', 'prefect-csrf-client': 'other' }),
      ),
      post('/flows/', flow, {
        ...withToken({ 'prefect-csrf-token': '<again.token>', 'prefect-csrf-client': '<uuid:client>' }),
        save: 'flow',
      }),
      del('/flows/<flow.id>', signedIn),
      get('/flows/<flow.id>', signedIn),
      post('/flows/filter', { limit: 0 }, signedIn),
      post(
        '/flows/filter',
        { limit: 0 },
        withToken({ 'prefect-csrf-token': '<again.token>', 'prefect-csrf-client': '<uuid:client>' }),
      ),
      post('/flows/', { name: 5 }, signedIn),
      post('/nothing-here', {}, signedIn),
    ),
  ],
};
