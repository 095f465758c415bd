/** Bodies for every operation of the OpenAPI document, and copies of them with one hostile value each. */
interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  type?: string;
  format?: string;
  minimum?: number;
  minItems?: number;
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
}

interface Operation {
  requestBody?: { content: { 'application/json': { schema: Schema } } };
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Request {
  method: string;
  /** Below /api, with `{id}` where a row's id belongs. */
  path: string;
  body: string;
  /** Where the hostile value is, and what it is: for the message of a failing test. */
  what: string;
}

type Place = (string | number)[];

/** One body for each operation with every field filled in; where a field takes several types, one body for each end. */
function examples(document: Document): { method: string; path: string; body: unknown }[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json'].schema;
      if (!schema) return [];
      return ([0, -1] as const).map((branch) => ({ method, path, body: example(document, schema, branch) }));
    }),
  );
}

const ID = '5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d';

function example(document: Document, schema: Schema, branch: 0 | -1): unknown {
  const of = (part: Schema): unknown => example(document, part, branch);
  if (schema.$ref) return of(document.components.schemas[schema.$ref.split('/').at(-1)!]!);
  if (schema.anyOf) return of(schema.anyOf.filter(({ type }) => type !== 'null').at(branch) ?? {});
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'string':
      if (schema.format === 'uuid') return ID;
      return schema.format === 'date-time' ? '2024-01-01T00:00:00Z' : 'text';
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return true;
    case 'array':
      return schema.prefixItems?.map(of) ?? [of(schema.items ?? {})];
    default:
      return exampleObject(schema, of);
  }
}

function exampleObject({ properties, additionalProperties }: Schema, of: (part: Schema) => unknown): unknown {
  const fields = Object.entries(properties ?? {}).map(([name, part]) => [name, of(part)]);
  if (fields.length > 0) return Object.fromEntries(fields);
  const member = typeof additionalProperties === 'object' ? of(additionalProperties) : 'text';
  return { key: member };
}

function* placesOf(value: unknown, place: Place = []): Generator<{ place: Place; value: unknown }> {
  yield { place, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    yield* placesOf(part, [...place, Array.isArray(value) ? Number(key) : key]);
  }
}

/** The same value with another one at this place; a function changes what is there. */
function withAt(value: unknown, [first, ...rest]: Place, change: (old: unknown) => unknown): unknown {
  if (first === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[first] = withAt(copy[first], rest, change);
  return copy;
}

/** Numbers as JSON texts: most aren't JavaScript numbers. */
const SPELLED = /"@@([^"@]+)@@"/g;
export const spelled = (number: string): string => `@@${number}@@`;

/** What to put in the place of a value; undefined when it isn't a value of that kind. */
export type Hostile = (old: unknown) => unknown[] | undefined;

/** These share their filters: each field is tried in one of them. */
const READS = /filter|count|paginate|history|latest|lateness|bulk/;

/** Every place of every body with every hostile value that fits there. */
export function* hostileRequests(document: Document, hostile: Hostile): Generator<Request> {
  const tried = new Set<string>();
  for (const { method, path, body } of examples(document)) {
    const group = READS.test(path) ? 'filters' : `${method} ${path}`;
    for (const { place, value } of placesOf(body)) {
      const field = `${group} ${place.slice(-3).join('.')} ${Array.isArray(value) ? 'list' : typeof value}`;
      const values = hostile(value);
      if (!values || tried.has(field)) continue;
      tried.add(field);
      for (const one of values) {
        const text = JSON.stringify(withAt(body, place, () => one)).replace(SPELLED, '$1');
        yield { method, path, body: text, what: `${place.join('.')} = ${JSON.stringify(one).slice(0, 60)}` };
      }
    }
  }
}
