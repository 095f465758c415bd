import { keywords } from './keywords.ts';
import { pythonText } from './python-text.ts';
import { isObject, isOfType, type Json, type JsonObject, Placeholder, type SchemaError } from './types.ts';

/** The schema refers to itself without end, or the value is nested too deeply. */
export class CircularSchema extends Error {}

/** A `$ref` leads nowhere; nothing is fetched. */
export class Unresolvable extends Error {}

const MAX_DEPTH = 200;

/** Goes through a value with one JSON Schema of draft 2020-12. */
export class Validator {
  private readonly root: Json;
  /** Prefect checks formats only where it lists everything that is wrong. */
  readonly checksFormats: boolean;
  private depth = 0;

  constructor(root: Json, { checksFormats = false } = {}) {
    this.root = root;
    this.checksFormats = checksFormats;
  }

  /** All errors of a value under a schema, in the order of the schema's keywords. */
  errors(value: Json, schema: Json): SchemaError[] {
    if (schema === true) return [];
    if (schema === false) return [this.falseSchema(value)];
    if (!isObject(schema)) return [];
    if (value instanceof Placeholder) return this.placeholderErrors(value, schema);
    if (++this.depth > MAX_DEPTH) throw new CircularSchema();
    const found: SchemaError[] = [];
    for (const [name, argument] of Object.entries(schema)) {
      for (const error of keywords[name]?.(this, argument, value, schema) ?? []) {
        found.push({ path: [], keyword: name, schema, value, context: [], ...error });
      }
    }
    this.depth--;
    return found;
  }

  /** The errors of a part of the value, `at` below it. */
  below(value: Json, schema: Json, at: string | number): SchemaError[] {
    return this.errors(value, schema).map((error) => ({ ...error, path: [at, ...error.path] }));
  }

  isValid(value: Json, schema: Json): boolean {
    return this.errors(value, schema).length === 0;
  }

  resolve(reference: string): Json {
    if (!reference.startsWith('#')) throw new Unresolvable(`Unresolvable: ${reference}`);
    if (/^#[^/]/.test(reference)) return this.anchored(reference.slice(1));
    let found: Json = this.root;
    for (const part of reference.slice(1).split('/').slice(1)) {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      const holder = found as JsonObject | Json[] | null;
      if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) {
        const pointer = pythonText(reference.slice(1));
        throw new Unresolvable(`PointerToNowhere: ${pointer} does not exist within ${pythonText(this.root)}`);
      }
      found = (holder as JsonObject)[name];
    }
    return found;
  }

  private anchored(name: string): Json {
    const found = withAnchor(this.root, name);
    if (found) return found;
    throw new Unresolvable(
      `NoSuchAnchor: ${pythonText(name)} does not exist within ${pythonText(this.root)}`,
    );
  }

  /** What isn't known fits any schema, unless it is known that it can't be made. Said once for each schema, as in Prefect. */
  private placeholderErrors(value: Placeholder, schema: JsonObject): SchemaError[] {
    if (value.problem === undefined) return [];
    const reference = schema['$ref'];
    const below = typeof reference === 'string' ? this.errors(value, this.resolve(reference)) : [];
    const error = { message: value.problem, path: [], keyword: 'placeholder', schema, value, context: [] };
    return [...below, error];
  }

  private falseSchema(value: Json): SchemaError {
    const message = `False schema does not allow ${pythonText(value)}`;
    return { message, path: [], keyword: '', schema: false, value, context: [] };
  }
}

function withAnchor(schema: Json, name: string): JsonObject | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { $anchor, $dynamicAnchor } = schema as JsonObject;
  if ($anchor === name || $dynamicAnchor === name) return schema as JsonObject;
  for (const member of Object.values(schema)) {
    const found = withAnchor(member as Json, name);
    if (found) return found;
  }
  return undefined;
}

/** Whether the value is of the type that the schema it failed asks for: then it's more likely what was meant. */
function matchesType({ schema, value }: SchemaError): boolean {
  const type = isObject(schema) ? schema['type'] : undefined;
  if (typeof type === 'string') return isOfType(value, type);
  return Array.isArray(type) && type.some((name) => isOfType(value, String(name)));
}

/** The error that says most: the highest one, and below an anyOf or oneOf the deepest. */
export function mostRelevant(errors: SchemaError[]): SchemaError | undefined {
  let best = errors.reduce<SchemaError | undefined>(
    (found, error) => (found === undefined || compare(error, found) > 0 ? error : found),
    undefined,
  );
  while (best && best.context.length > 0) {
    const [first, second] = [...best.context].sort(compare);
    if (second && compare(first!, second) === 0) return best;
    best = { ...first!, path: [...best.path, ...first!.path] };
  }
  return best;
}

function compare(a: SchemaError, b: SchemaError): number {
  if (a.path.length !== b.path.length) return b.path.length - a.path.length;
  for (let i = 0; i < a.path.length; i++) {
    if (a.path[i] !== b.path[i]) return a.path[i]! < b.path[i]! ? -1 : 1;
  }
  const weak = Number(isBranching(b)) - Number(isBranching(a));
  return weak !== 0 ? weak : Number(matchesType(b)) - Number(matchesType(a));
}

function isBranching({ keyword }: SchemaError): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}
