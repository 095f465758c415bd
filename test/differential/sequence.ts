/**
 * Request sequences as data. Every sequence is sent, step by step, to the real Prefect server and to ours.
 *
 * Texts in paths, bodies and headers may hold references:
 * - `<flow.id>`: a member of the answer that an earlier step saved as `flow`; `<page.results.0.id>` goes deeper.
 *   A text that is one reference alone becomes the value itself, whatever its type.
 * - `<tag>`: a token new in each play, the same for both servers. Names, keys and tags that a sequence makes
 *   carry it, so that sequences don't see each other's rows and a server may be used again and again.
 * - `<now>`, `<now+3600>`, `<now-60>`: a moment, the same for both servers.
 * - `<uuid:a>`: a new uuid, the same for both servers and throughout the sequence.
 */
import type { EngineName } from '../support/engine.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

export interface StepOptions {
  /** The name under which later steps refer to the answer. */
  save?: string;
  /** null removes a header that would be sent otherwise. */
  headers?: Record<string, string | null>;
  /** Lists of the answer (itself or its members) come in an order that random ids decide. */
  unordered?: boolean;
  /** The answer is a number of seconds, or holds such under these member names. */
  seconds?: true | string[];
  /** Asks again, each server by itself, until the member has this value: for what Prefect does in the background. */
  until?: { at: string; is: unknown };
  /** Path and body hold no references: `<a>` is three characters. */
  literal?: boolean;
  /** Only the status is of interest. */
  statusOnly?: boolean;
}

export interface Step extends StepOptions {
  method: Method;
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
}

export interface Sequence {
  name: string;
  steps: Step[];
}

export interface Group {
  name: string;
  /** Played on this engine only. */
  engine?: EngineName;
  sequences: Sequence[];
}

/** What a sequence is called outside its group. */
export const fullName = (group: Group, { name }: Sequence): string => `${group.name}: ${name}`;

export const sequence = (name: string, ...steps: (Step | Step[])[]): Sequence => ({
  name,
  steps: steps.flat(),
});

export const get = (path: string, options: StepOptions = {}): Step => ({ method: 'GET', path, ...options });
export const del = (path: string, options: StepOptions = {}): Step => ({
  method: 'DELETE',
  path,
  ...options,
});
export const post = (path: string, body?: unknown, options: StepOptions = {}): Step => ({
  method: 'POST',
  path,
  body,
  ...options,
});
export const put = (path: string, body?: unknown, options: StepOptions = {}): Step => ({
  ...post(path, body, options),
  method: 'PUT',
});
export const patch = (path: string, body?: unknown, options: StepOptions = {}): Step => ({
  ...post(path, body, options),
  method: 'PATCH',
});
export const send = (method: Method, path: string, raw?: string, options: StepOptions = {}): Step => ({
  method,
  path,
  raw,
  ...options,
});

/** One sequence a body: each is sent to the same path, whose answer should be alike. */
export const each = (
  name: string,
  bodies: Record<string, unknown>,
  step: (body: unknown) => Step[],
): Sequence[] => Object.entries(bodies).map(([title, body]) => sequence(`${name}: ${title}`, step(body)));
