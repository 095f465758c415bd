import { pipeline, Readable } from 'node:stream';
import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { withoutParameters } from '../db/errors.ts';
import { errors } from '../errors.ts';
import { stringifyJson } from '../json/json.ts';
import { now } from '../time/timestamp.ts';
import { checkApiVersion } from './api-version.ts';
import { invalidRequest, parseBody } from './body.ts';
import { type ErrorItem, parse } from './kinds/validation.ts';
import { type Context, Reply, type Route } from './route.ts';

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** These answer whatever the version of the client is. */
export const UNVERSIONED = new Set(['/health', '/version']);

/** What every request shares. */
export type Services = Pick<Context, 'db' | 'settings' | 'log' | 'revision' | 'services'>;

/** An Express router for the routes of one resource. */
export function mountRoutes(routes: Route[], services: Services): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  for (const route of routes) {
    const uuids = [...route.path.matchAll(/\{(\w+):uuid\}/g)].map((match) => match[1]!);
    const path = route.path.replace(/\{(\w+)(?::uuid)?\}/g, ':$1');
    router[route.method](path, async (request, response, next) => {
      // Express takes `/flows` for the `/` of a router at /flows; Prefect sends it to `/flows/`.
      if (path === '/' && !request.originalUrl.startsWith(`${request.baseUrl}/`)) return next();
      if (!uuids.every((name) => UUID.test(String(request.params[name])))) return next();
      write(response, route.status ?? 200, await run(route, request, services, uuids), services.log);
    });
  }
  return router;
}

async function run(route: Route, request: Request, services: Services, uuids: string[]): Promise<unknown> {
  if (!UNVERSIONED.has(route.path)) checkApiVersion(request.headers['x-prefect-api-version']);
  const context: Context = {
    ...services,
    headers: request.headers,
    startedAt: now(),
    origin: `${request.protocol}://${request.headers.host ?? 'localhost'}`,
  };
  const params: Record<string, unknown> = request.params;
  // No name has a NUL in it, and PostgreSQL can't even look for one.
  if (Object.values(params).some((param) => String(param).includes('\0'))) throw errors.noSuchPath();
  for (const name of uuids) params[name] = canonicalUuid(String(params[name]));
  return route.handler(validate(route, request, params), context);
}

/** Checks all parts of a request before it answers, as FastAPI does: one 422 lists what is wrong anywhere. */
function validate(
  route: Route,
  request: Request,
  params: Record<string, unknown>,
): { params: unknown; query: unknown; body: unknown } {
  const items: ErrorItem[] = [];
  const check = (
    schema: Route['body'],
    value: unknown,
    where: 'path' | 'query' | 'header' | 'body',
  ): unknown => {
    if (!schema) return where === 'body' ? undefined : value;
    const result = parse(schema, value, where);
    if (result.ok) return result.value;
    items.push(...result.items);
    return undefined;
  };
  const body = route.body ? parseBody(request) : undefined;
  const input = {
    params: check(route.params, params, 'path'),
    query: check(route.query, request.query, 'query'),
    headers: check(route.headers, request.headers, 'header'),
    body: check(route.body, body, 'body'),
  };
  if (items.length > 0) throw invalidRequest(request, items, body);
  return input;
}

export function canonicalUuid(text: string): string {
  const hex = text.replaceAll('-', '').toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function write(response: Response, status: number, result: unknown, log: Logger): void {
  const reply = result instanceof Reply ? result : new Reply(status, result);
  if (reply.body instanceof Readable) sendStream(response, reply.status, reply.body, reply.headers, log);
  else sendJson(response, reply.status, reply.body, reply.headers);
}

/** An answer that is made while it is sent. What fails on the way can only cut it short, so that it isn't taken for whole. */
function sendStream(
  response: Response,
  status: number,
  body: Readable,
  headers: Record<string, string>,
  log: Logger,
): void {
  response.writeHead(status, headers);
  pipeline(body, response, (error) => {
    // A client that hangs up before the end has had enough; all else it can't tell from that, so the log says it.
    if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      log.error({ err: withoutParameters(error) }, 'an answer was cut short');
    }
  });
}

export function sendJson(
  response: Response,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const isRedirect = status >= 300 && status < 400;
  if (status === 204 || isRedirect) {
    response.writeHead(status, { ...headers, ...(isRedirect && { 'content-length': 0 }) }).end();
    return;
  }
  const isText = headers['content-type'] !== undefined && typeof body === 'string';
  const text = isText ? body : body === undefined ? '' : stringifyJson(body);
  response.writeHead(status, {
    ...(text !== '' && { 'content-type': 'application/json' }),
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
