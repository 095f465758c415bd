/**
 * Every answer that isn't a success, in one place. Prefect has two shapes: `{"detail": ...}` for what a route
 * decides, `{"exception_message": ...}` for what its exception handlers do; clients read both.
 */
export class HttpError extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(reasonOf(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** What a log says of it: never the request's own body, which is the user's and may be large. */
function reasonOf(body: unknown): string {
  const { detail, exception_message, exception_detail } = (body ?? {}) as Record<string, unknown>;
  const said = detail ?? exception_message ?? '';
  if (!Array.isArray(exception_detail)) return typeof said === 'string' ? said : JSON.stringify(said);
  const [first] = exception_detail as { loc?: unknown[]; msg?: string }[];
  return `${said} ${first?.loc?.join('.')}: ${first?.msg}`;
}

/** A route's own refusal: `{"detail": ...}`. */
export function detail(status: number, message: unknown, headers?: Record<string, string>): HttpError {
  return new HttpError(status, { detail: message }, headers);
}

/** A refusal in the shape of Prefect's exception handlers: `{"exception_message": ...}`. */
function exception(status: number, message: string, headers?: Record<string, string>): HttpError {
  return new HttpError(status, { exception_message: message }, headers);
}

/** Prefect's client asks five times more: an outage, or the rebuild of a large table, that takes a minute is outlasted. */
const RETRY_AFTER_SECONDS = '15';

export const errors = {
  notFound: (what: string) => detail(404, `${what} not found`),
  /** Prefect's ObjectNotFoundError, as set_state and automations raise it. */
  objectNotFound: (what: string, id: string) => exception(404, `${what} with id ${id} not found`),
  /** The same where its raiser says it in words of its own. */
  missing: (message: string) => exception(404, message),
  noSuchPath: () => detail(404, 'Not Found'),
  methodNotAllowed: (allow: string) => detail(405, 'Method Not Allowed', { allow }),
  unauthorized: () => exception(401, 'Unauthorized'),
  badRequest: (message: string) => detail(400, message),
  /** Not UTF-8, or nested too deeply. */
  unreadableBody: () => detail(400, 'There was an error parsing the body'),
  conflict: (message: string) => detail(409, message),
  unprocessable: (message: string) => detail(422, message),
  integrity: () =>
    detail(
      409,
      'Data integrity conflict. This usually means a unique or foreign key constraint was violated. See server logs for details.',
    ),
  limitTooLarge: (maximum: number) => detail(422, `Invalid limit: must be less than or equal to ${maximum}.`),
  bodyTooLarge: (limit: number) =>
    detail(
      413,
      `The request body is too large: send at most ${limit} bytes, in several requests if need be.`,
    ),
  tooManyValues: () => detail(413, 'The request body has too many values: send them in several requests.'),
  headersTooLarge: () => detail(431, 'The path and the headers of the request are too large.'),
  tooSlow: () => detail(408, 'The request took too long to arrive.'),
  unavailable: () => exception(503, 'Service Unavailable', { 'retry-after': RETRY_AFTER_SECONDS }),
  internal: () => exception(500, 'Internal Server Error'),
};
