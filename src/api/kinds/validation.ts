import type { $ZodType } from 'zod/v4/core';
import type { Issue, Place } from './kind.ts';

/** One thing that is wrong with a request, as pydantic reports it. */
export interface ErrorItem {
  type: string;
  loc: Place[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; items: ErrorItem[] };

/** Reads a part of a request. Only a kind that may be absent takes nothing, or a null body, for an answer. */
export function parse<T>(
  schema: $ZodType<T>,
  value: unknown,
  where: 'body' | 'query' | 'path' | 'header',
): Parsed<T> {
  const payload = { value: where === 'query' ? lastOfEach(value) : (value ?? undefined), issues: [] };
  const result = schema._zod.run(payload, { async: false });
  if (result instanceof Promise) throw new TypeError('a schema of the wire must not be asynchronous');
  if (result.issues.length === 0) return { ok: true, value: result.value as T };
  return { ok: false, items: result.issues.map((issue) => toItem(issue as unknown as Issue, where)) };
}

/** Of a parameter that is given twice the last one counts. */
function lastOfEach(query: unknown): unknown {
  const given = Object.entries(query ?? {});
  if (!given.some(([, value]) => Array.isArray(value))) return query ?? undefined;
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
  );
}

/** Issues of zod's own types have no pydantic type; their code says what they can. */
function toItem(issue: Issue, where: string): ErrorItem {
  const { type, ctx } = issue.params ?? { type: issue.code };
  const loc = [where, ...issue.path];
  return {
    type,
    loc,
    msg: issue.message ?? 'Invalid input',
    input: issue.input ?? null,
    ...(ctx && { ctx }),
  };
}

/** The answer 422, as Prefect words it. `body` is what was sent, parsed where it could be. */
export function validationError(items: ErrorItem[], body: unknown): Record<string, unknown> {
  return {
    exception_message: 'Invalid request received.',
    exception_detail: items,
    request_body: body ?? null,
  };
}
