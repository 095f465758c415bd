import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import type { output } from 'zod';
import type { Database } from '../db/database.ts';
import type { Runner } from '../services/runner.ts';
import type { Settings } from '../settings/settings.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Kind } from './kinds/index.ts';

/** What a handler has beside its input. */
export interface Context {
  db: Database;
  settings: Settings;
  log: Logger;
  /** That the database is at; null for a chain without revisions. */
  revision?: string | null;
  /** The background services of this server; absent where none were started. */
  services?: Pick<Runner, 'report'>;
  headers: IncomingHttpHeaders;
  /** When the request came in; what a create finds older than this existed before. */
  startedAt: Timestamp;
  /** Scheme and host as the client wrote them, for links in answers. */
  origin: string;
}

export type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';

export interface Route<Params = unknown, Query = unknown, Body = unknown> {
  method: Method;
  /** Below /api, as in Prefect's document: `/flows/{id}`. `{id:uuid}` answers 404 to anything but a uuid. */
  path: string;
  /** Prefect's operation summary and tag, for the document. */
  summary: string;
  tag: string;
  params?: Kind<unknown>;
  query?: Kind<unknown>;
  headers?: Kind<unknown>;
  body?: Kind<unknown>;
  /** The model of a successful answer, for the document: answers are built by the entities and not validated again. */
  response?: Kind<unknown>;
  /** Of a successful answer, where the handler doesn't say otherwise. */
  status?: number;
  handler: (input: { params: Params; query: Query; body: Body }, context: Context) => Promise<unknown>;
}

type Parsed<T> = T extends Kind<unknown> ? output<T> : Record<string, string>;

/** A route whose handler gets the types that its schemas give. */
export function defineRoute<
  P extends Kind<unknown> | undefined = undefined,
  Q extends Kind<unknown> | undefined = undefined,
  B extends Kind<unknown> | undefined = undefined,
>(
  route: Omit<Route, 'params' | 'query' | 'body' | 'handler'> & {
    params?: P;
    query?: Q;
    body?: B;
    handler: (
      input: { params: Parsed<P>; query: Parsed<Q>; body: B extends Kind<unknown> ? output<B> : undefined },
      context: Context,
    ) => Promise<unknown>;
  },
): Route {
  return route as unknown as Route;
}

/** An answer with a status of its own; everything else that a handler gives back is the body of a plain success. */
export class Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** 201 for a row made by this request and 200 for one that was there, as Prefect's idempotent creates answer. */
export function createdOrExisting(row: { created: Timestamp | null }, context: Context): Reply {
  return new Reply((row.created ?? '') >= context.startedAt ? 201 : 200, row);
}
