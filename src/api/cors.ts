import type { Request, RequestHandler, Response } from 'express';
import type { Services } from './mount.ts';

/** What `*` stands for, as Starlette has it. */
const ALL_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY'];
/** A page may send these without asking. */
const PLAIN_HEADERS = ['Accept', 'Accept-Language', 'Content-Language', 'Content-Type'];
const MAX_AGE_SECONDS = '600';

interface Allowed {
  /** Null: any. */
  origins: string[] | null;
  methods: string[];
  headers: string[] | null;
}

/** Lets pages of other origins call the API, as far as the settings allow it; answers what browsers ask before they do. */
export function allowOrigins({ settings }: Services): RequestHandler {
  const { corsAllowedOrigins, corsAllowedMethods, corsAllowedHeaders } = settings.server.api;
  const allowed: Allowed = {
    origins: corsAllowedOrigins.includes('*') ? null : corsAllowedOrigins,
    methods: corsAllowedMethods.includes('*') ? ALL_METHODS : corsAllowedMethods,
    headers: corsAllowedHeaders.includes('*') ? null : corsAllowedHeaders,
  };
  return (request, response, next) => {
    const { origin } = request.headers;
    // Whoever keeps answers must not give one origin's to another.
    if (allowed.origins) response.vary('Origin');
    if (origin === undefined) return next();
    const asks = request.method === 'OPTIONS' && request.get('access-control-request-method') !== undefined;
    if (asks) return answer(request, response, origin, allowed);
    if (!allowed.origins) response.setHeader('access-control-allow-origin', '*');
    else if (allowed.origins.includes(origin)) response.setHeader('access-control-allow-origin', origin);
    next();
  };
}

function answer(request: Request, response: Response, origin: string, allowed: Allowed): void {
  const { origins, methods, headers } = allowed;
  const refused: string[] = [];
  response.vary('Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
  response.setHeader('access-control-allow-methods', methods.join(', '));
  response.setHeader('access-control-max-age', MAX_AGE_SECONDS);
  if (!origins) response.setHeader('access-control-allow-origin', '*');
  else if (origins.includes(origin)) response.setHeader('access-control-allow-origin', origin);
  else refused.push('origin');
  if (!methods.includes(request.get('access-control-request-method')!)) refused.push('method');
  const wanted = request.get('access-control-request-headers');
  const known = [...new Set([...PLAIN_HEADERS, ...(headers ?? [])])].sort();
  const names = headers ? known.join(', ') : wanted;
  if (names !== undefined) response.setHeader('access-control-allow-headers', names);
  if (headers && wanted !== undefined && !areAmong(wanted, known)) refused.push('headers');
  response.status(refused.length > 0 ? 400 : 200).type('text/plain');
  response.send(refused.length > 0 ? `Disallowed CORS ${refused.join(', ')}` : 'OK');
}

function areAmong(wanted: string, known: string[]): boolean {
  const names = known.map((name) => name.toLowerCase());
  return wanted.split(',').every((name) => names.includes(name.trim().toLowerCase()));
}
