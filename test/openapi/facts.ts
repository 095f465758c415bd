/** What an OpenAPI document promises, without its prose: two documents with the same facts take and give the same. */
import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Operation {
  id: string;
  parameters: Record<string, Json>;
  body: Json;
  bodyRequired: boolean;
  responses: Record<string, Json>;
}

export interface Facts {
  /** By verb and path: `POST /flows/filter`. */
  operations: Record<string, Operation>;
  /** The named schemas that they refer to. */
  schemas: Record<string, Json>;
}

interface Document {
  paths: Record<string, Record<string, DocumentOperation>>;
  components: { schemas: Record<string, Json> };
}

interface DocumentOperation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Json }[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { content?: Content }>;
}

type Content = Record<string, { schema: Json }>;

export function factsOf(given: unknown): Facts {
  const { paths, components } = given as Document;
  const operations: Facts['operations'] = {};
  for (const [path, verbs] of Object.entries(paths)) {
    for (const [verb, operation] of Object.entries(verbs)) {
      operations[`${verb.toUpperCase()} ${path}`] = operationFacts(operation);
    }
  }
  const schemas = Object.entries(components.schemas).map(([name, schema]) => [name, plain(schema)]);
  return { operations: sorted(operations), schemas: sorted(Object.fromEntries(schemas)) };
}

function operationFacts({ operationId, parameters, requestBody, responses }: DocumentOperation): Operation {
  return {
    id: operationId,
    parameters: Object.fromEntries(
      (parameters ?? []).map(({ name, in: where, required = false, schema }) => [
        `${where} ${name}`,
        { required, schema: plain(schema) },
      ]),
    ),
    body: schemaOf(requestBody?.content),
    bodyRequired: requestBody?.required ?? false,
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { content }]) => [status, schemaOf(content)]),
    ),
  };
}

const schemaOf = (content: Content | undefined): Json => plain(content?.['application/json']?.schema ?? null);

const PROSE = new Set(['title', 'description', 'examples', 'example']);

/** Members of `properties` are names and no prose, whatever they are called. */
function plain(schema: Json, isNames = false): Json {
  if (Array.isArray(schema)) return schema.map((one) => plain(one));
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(
    ([key, value]) => isNames || !(PROSE.has(key) || (key === 'required' && isEmpty(value))),
  );
  return sorted(Object.fromEntries(kept.map(([key, value]) => [key, plainMember(key, value, isNames)])));
}

function plainMember(key: string, value: Json, isName: boolean): Json {
  if (isName) return plain(value);
  if (key === 'required' && Array.isArray(value)) return [...value].sort();
  // Of time zones, ten thousand characters.
  if (key === 'pattern' && typeof value === 'string' && value.length > 500) return digest(value);
  return plain(value, key === 'properties');
}

const isEmpty = (value: Json): boolean => Array.isArray(value) && value.length === 0;

const digest = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The names of the schemas that a piece of a document refers to. */
export function referencesIn(piece: unknown): string[] {
  return [...JSON.stringify(piece).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
}
