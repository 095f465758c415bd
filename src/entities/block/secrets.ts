/**
 * Secrets in the data of a block. Its schema names them by paths with dots; a `*` at the end stands for everything
 * below. Values aren't changed in place: what `parseJson` made keeps its spelling only as long as it is as it was.
 */
import { isObject } from '../../json/schema/types.ts';

export type Data = Record<string, unknown>;

const HIDDEN = '********';

/** The data without its secrets, as everybody may see it. */
export function hideSecrets(data: Data, secretFields: string[]): Data {
  let result = data;
  for (const path of pathsOf(secretFields)) {
    const { fixed, isWildcard } = path;
    const value = valueAt(result, fixed);
    if (value === undefined || (value === null && !isWildcard)) continue;
    const hidden = isWildcard ? mapLeaves(value, () => HIDDEN) : HIDDEN;
    result = replaceAt(result, fixed, hidden);
  }
  return result;
}

/** What to write for data that somebody may have read without its secrets and sends back: these stay as they are. */
export function keepSecrets(given: Data, current: Data, secretFields: string[]): Data {
  let result = given;
  for (const { fixed, isWildcard } of pathsOf(secretFields)) {
    const value = valueAt(result, fixed);
    const known = valueAt(current, fixed);
    if (value === undefined || known === undefined) continue;
    if (isWildcard) result = replaceAt(result, fixed, mapLeaves(value, keepFrom(known)));
    else if (value === HIDDEN && known !== null) result = replaceAt(result, fixed, known);
  }
  return result;
}

const keepFrom = (known: unknown) => (leaf: unknown, path: string[]) => {
  const old = leaf === HIDDEN ? valueAt(known, path) : undefined;
  return old === undefined ? leaf : old;
};

function pathsOf(secretFields: string[]): { fixed: string[]; isWildcard: boolean }[] {
  return secretFields.map((field) => {
    const keys = field.split('.');
    const star = keys.indexOf('*');
    return { fixed: star < 0 ? keys : keys.slice(0, star), isWildcard: star >= 0 };
  });
}

function valueAt(value: unknown, path: string[]): unknown {
  let at = value;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** The path must be there. */
function replaceAt<T>(value: T, [key, ...rest]: string[], replacement: unknown): T {
  if (key === undefined) return replacement as T;
  const object = value as Data;
  return { ...object, [key]: replaceAt(object[key], rest, replacement) } as T;
}

/** An empty object is a leaf; lists are, too. */
function mapLeaves(
  value: unknown,
  change: (leaf: unknown, path: string[]) => unknown,
  path: string[] = [],
): unknown {
  if (!isObject(value) || Object.keys(value).length === 0) return change(value, path);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapLeaves(member, change, [...path, key])]),
  );
}
