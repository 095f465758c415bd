import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler } from 'express';
import { errors, HttpError } from '../errors.ts';
import { JsonSyntaxError, JsonTooDeep, JsonTooLarge, parseJson } from '../json/json.ts';
import { type ErrorItem, validationError } from './kinds/validation.ts';

/** Larger than the client's own limit for a batch of logs (4 MB) several times over. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** What is wrong with a larger body is answered without repeating it: each complaint about it could hold all of it. */
const MAX_ECHOED_BYTES = 1024 * 1024;

/** Reads the body of every request; one that says that it is too large is refused before it is sent. */
export function readBodies(): RequestHandler[] {
  const refuseTooLarge: RequestHandler = (request, _response, next) => {
    if (Number(request.headers['content-length']) > MAX_BODY_BYTES) throw errors.bodyTooLarge(MAX_BODY_BYTES);
    next();
  };
  return [refuseTooLarge, express.raw({ type: () => true, limit: MAX_BODY_BYTES })];
}

/** The parsed body; undefined when there is none; the text itself when it doesn't say that it is JSON. */
export function parseBody(request: Request): unknown {
  const text = textOf(request);
  if (text === '') return undefined;
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) return text;
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonTooLarge) throw errors.tooManyValues();
    if (error instanceof JsonTooDeep) throw errors.unreadableBody();
    if (!(error instanceof JsonSyntaxError)) throw error;
    const item: ErrorItem = {
      type: 'json_invalid',
      loc: ['body', error.position],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: error.message },
    };
    throw invalidRequest(request, [item], text);
  }
}

/** UTF-8 whatever the charset says, as Prefect reads it. Replacing what is broken would make one name of two. */
function textOf({ body }: Request): string {
  if (!Buffer.isBuffer(body)) return '';
  if (!isUtf8(body)) throw errors.unreadableBody();
  const hasByteOrderMark = body.length >= 3 && body.readUIntBE(0, 3) === 0xefbbbf;
  return body.toString('utf8', hasByteOrderMark ? 3 : 0);
}

/** The answer to what a request has wrong, in Prefect's shape. */
export function invalidRequest(request: Request, items: ErrorItem[], body: unknown): HttpError {
  const size = Buffer.isBuffer(request.body) ? request.body.length : 0;
  if (size <= MAX_ECHOED_BYTES) return new HttpError(422, validationError(items, body));
  const short = items.map((item) => ({ ...item, input: null }));
  return new HttpError(422, validationError(short, null));
}
