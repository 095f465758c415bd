import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import {
  DatabaseError,
  DatabaseUnavailable,
  IntegrityError,
  InvalidValue,
  unwrapDatabaseError,
  withoutParameters,
} from '../db/errors.ts';
import { errors, HttpError } from '../errors.ts';
import { MAX_BODY_BYTES } from './body.ts';
import { type Services, sendJson } from './mount.ts';
import { allRoutes } from './routers.ts';

/** Turns whatever a handler threw into Prefect's answer for it; only what nobody expected is logged as an error. */
export function answerError({ log }: Pick<Services, 'log'>): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = toHttpError(thrown);
    const fields = { method: request.method, path: request.path, status: error.status };
    note(log, fields, error, unwrapDatabaseError(thrown));
    sendJson(response, error.status, error.body, error.headers);
  };
}

/** An outage and a refused row are told in a sentence each; only of a fault of the server the stack is of interest. */
function note(log: Logger, fields: Record<string, unknown>, answer: HttpError, thrown: unknown): void {
  const told = thrown instanceof DatabaseError ? thrown.message : answer.message;
  if (thrown instanceof DatabaseUnavailable) log.error({ ...fields, reason: told }, 'request failed');
  else if (answer.status >= 500) log.error({ ...fields, err: withoutParameters(thrown) }, 'request failed');
  // The answer tells the user to look here.
  else if (thrown instanceof IntegrityError) log.warn({ ...fields, reason: told }, 'request refused');
  else log.debug({ ...fields, reason: told }, 'request refused');
}

function toHttpError(thrown: unknown): HttpError {
  const error = unwrapDatabaseError(thrown);
  if (error instanceof HttpError) return error;
  if (error instanceof IntegrityError) return errors.integrity();
  if (error instanceof DatabaseUnavailable) return errors.unavailable();
  if (error instanceof InvalidValue) return errors.unprocessable(error.message);
  return isBodyError(error) ? bodyError(error) : errors.internal();
}

/** What `express.raw` and the URL decoder throw carries a status of its own. */
function isBodyError(error: unknown): error is Error & { status: number; type?: string } {
  return (
    error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500
  );
}

function bodyError(error: Error & { status: number; type?: string }): HttpError {
  if (error.type === 'entity.too.large') return errors.bodyTooLarge(MAX_BODY_BYTES);
  if (error instanceof URIError) return errors.noSuchPath();
  return new HttpError(error.status, { detail: error.message });
}

const patterns = allRoutes.map(({ method, path }) => ({
  method: method.toUpperCase(),
  pattern: new RegExp(
    `^${path.replace(/\{\w+:uuid\}/g, '[0-9a-fA-F-]{32,36}').replace(/\{\w+\}/g, '[^/]+')}$`,
  ),
}));

/** What describes the API, and alone may be asked after by HEAD, as in Prefect. */
const OF_DOCS = ['/docs', '/redoc', '/openapi.json'];

function methodsOf(path: string): string[] {
  if (OF_DOCS.includes(path)) return ['GET', 'HEAD'];
  return patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}

const IMPLICIT_VERBS = ['HEAD', 'OPTIONS'];

/** Express answers these two by itself for every path that it knows; Prefect has no route for them. */
export function refuseImplicitVerbs(base: string): RequestHandler {
  const refuse = answerUnmatched(base);
  const docs = new Set(OF_DOCS.flatMap((path) => [path, base + path]));
  return (request, response, next) => {
    const isOfDocs = request.method === 'HEAD' && docs.has(request.path);
    if (isOfDocs || !IMPLICIT_VERBS.includes(request.method)) next();
    else refuse(request, response, next);
  };
}

/** A wrong verb is 405; a path that differs by its last slash is sent there, as Starlette does; all else 404. */
export function answerUnmatched(base: string): RequestHandler {
  return (request) => {
    const path = request.path.startsWith(`${base}/`) ? request.path.slice(base.length) : '';
    const allowed = methodsOf(path);
    if (allowed.length > 0) throw errors.methodNotAllowed(allowed.join(', '));
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
    if (path !== '' && methodsOf(other).length > 0) {
      const query = request.originalUrl.slice(request.path.length);
      const location = `${request.protocol}://${request.headers.host ?? 'localhost'}${base}${other}${query}`;
      throw new HttpError(307, undefined, { location });
    }
    throw errors.noSuchPath();
  };
}
