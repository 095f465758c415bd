import type { output } from 'zod';
import { isObject } from './containers.ts';
import {
  areEnough,
  component,
  type Issue,
  type JsonSchema,
  type Kind,
  kind,
  kindOfParts,
  type OptionalKind,
  placeBelow,
  refuse,
} from './kind.ts';

export type Fields = Record<string, Kind<unknown>>;

type OptionalNames<F> = { [K in keyof F]: F[K] extends OptionalKind<unknown> ? K : never }[keyof F];

/** What a model of these fields reads. */
export type ReadFields<F> = {
  [K in Exclude<keyof F, OptionalNames<F>>]: output<F[K]>;
} & { [K in OptionalNames<F>]?: output<F[K]> };

type Flat<T> = { [K in keyof T]: T[K] };

export interface ModelRules<T> {
  /** Names that aren't fields: an error (pydantic's extra='forbid'), or left out, with or without the document saying so. */
  extra?: 'forbid' | 'ignore' | 'allow';
  /** Changes the object before its fields are read. */
  before?: (given: Record<string, unknown>) => Record<string, unknown>;
  /** Changes or refuses what was read, when nothing was wrong with the fields. */
  after?: (read: T, issues: Issue[], given: unknown) => void;
}

/** A named object of Prefect's API; `loc` and order of its errors are pydantic's: fields as declared, then extras. */
export function model<F extends Fields>(
  name: string,
  fields: F,
  rules: ModelRules<Flat<ReadFields<F>>> = {},
): Kind<Flat<ReadFields<F>>> {
  type Read = Flat<ReadFields<F>>;
  const { before, after } = rules;
  const entries = Object.entries(fields);
  const known = rules.extra === 'forbid' ? new Set(Object.keys(fields)) : undefined;
  const read = (value: unknown, issues: Issue[]): Read => {
    if (!isObject(value)) {
      const message = 'Input should be a valid dictionary or object to extract fields from';
      return refuse(issues, 'model_attributes_type', message, value);
    }
    const given = before ? before(value) : value;
    const start = issues.length;
    const result: Record<string, unknown> = {};
    for (const [field, fieldKind] of entries)
      readField(result, field, fieldKind, given[field], given, issues);
    if (known) refuseExtras(given, known, issues);
    if (after && issues.length === start) after(result as Read, issues, value);
    return result as Read;
  };
  return kind(
    read,
    component(name, () => objectSchema(name, fields, rules.extra)),
  );
}

function readField(
  result: Record<string, unknown>,
  name: string,
  field: Kind<unknown>,
  value: unknown,
  parent: unknown,
  issues: Issue[],
): void {
  const before = issues.length;
  if (value === undefined) {
    if (field.fallback) result[name] = field.fallback();
    else if (!field.mayBeAbsent) refuse(issues, 'missing', 'Field required', parent);
  } else result[name] = field.read(value, issues);
  if (issues.length > before) placeBelow(issues, before, name);
}

function refuseExtras(given: Record<string, unknown>, known: Set<string>, issues: Issue[]): void {
  const start = issues.length;
  for (const name in given) {
    if (known.has(name)) continue;
    if (areEnough(issues, start)) return;
    const before = issues.length;
    refuse(issues, 'extra_forbidden', 'Extra inputs are not permitted', given[name]);
    placeBelow(issues, before, name);
  }
}

/**
 * Several parameters that are read one by one, as FastAPI reads a body of more than one, or a query: null counts as
 * absent, unknown names are ignored. A body has a name in the document; a query has none.
 */
export function parameters<F extends Fields>(fields: F, name?: string): Kind<Flat<ReadFields<F>>> {
  const entries = Object.entries(fields);
  const read = (value: unknown, issues: Issue[]): Flat<ReadFields<F>> => {
    const result: Record<string, unknown> = {};
    const given = value === undefined || value === null ? {} : value;
    for (const [field, fieldKind] of entries) {
      if (isObject(given)) readField(result, field, fieldKind, given[field] ?? undefined, null, issues);
      else refuseMissing(field, issues);
    }
    return result as Flat<ReadFields<F>>;
  };
  const schema = () => objectSchema(name, fields);
  return kindOfParts(read, name === undefined ? schema() : component(name, schema));
}

function refuseMissing(name: string, issues: Issue[]): void {
  const before = issues.length;
  refuse(issues, 'missing', 'Field required', null);
  placeBelow(issues, before, name);
}

function objectSchema(
  name: string | undefined,
  fields: Fields,
  extra?: ModelRules<never>['extra'],
): JsonSchema {
  const required = Object.keys(fields).filter((field) => !fields[field]!.mayBeAbsent);
  return {
    ...((extra === 'forbid' || extra === 'allow') && { additionalProperties: extra === 'allow' }),
    properties: Object.fromEntries(
      Object.entries(fields).map(([field, { schema }]) => [field, titled(field, schema)]),
    ),
    type: 'object',
    ...(required.length > 0 && { required }),
    ...(name !== undefined && { title: name }),
  };
}

/** pydantic titles every field but those that are nothing but a reference. */
function titled(field: string, schema: JsonSchema): JsonSchema {
  const branches = (schema.anyOf ?? [schema]) as JsonSchema[];
  const isReference = '$ref' in branches[0]! && branches.filter(({ type }) => type !== 'null').length === 1;
  if (isReference || 'title' in schema) return schema;
  const words = field.split('_').filter((word) => word !== '');
  return {
    title: words.map((word) => word[0]!.toUpperCase() + word.slice(1).toLowerCase()).join(' '),
    ...schema,
  };
}
