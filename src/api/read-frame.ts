import type { Kind } from './kinds/index.ts';
import { parse } from './kinds/validation.ts';

/** Reads what a client sent over a socket; throws an error that says what is wrong with it. */
export function readFrame<T>(schema: Kind<T>, value: unknown): T {
  const parsed = parse(schema, value, 'body');
  if (parsed.ok) return parsed.value;
  const { loc, msg } = parsed.items[0]!;
  throw new Error(`${loc.slice(1).join('.') || 'frame'}: ${msg}`);
}
