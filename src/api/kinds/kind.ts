/**
 * The ground of the field kinds: a kind is a zod type that reads a value in one pass, as pydantic's lax mode does,
 * names what is wrong in Prefect's words, and knows its OpenAPI schema.
 */
// zod's core alone: its fluent methods and languages would add some 30 ms to every start.
import { $constructor, $ZodType, type $ZodTypeDef, parse as parseOrThrow } from 'zod/v4/core';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** One step from the whole to a part: a member's name, an element's position, or the label of a union's branch. */
export type Place = string | number;

/** A zod issue that carries pydantic's error type, so that kinds stay usable inside zod's own types. */
export interface Issue {
  code: 'custom';
  path: Place[];
  message: string;
  input: unknown;
  params: { type: string; ctx?: Record<string, unknown> };
}

/** Reads a value, or adds what is wrong with it to the issues; what it returns in that case is never looked at. */
export type Read<T> = (value: unknown, issues: Issue[]) => T;

export interface Kind<T> extends $ZodType<T, unknown> {
  /** For values of our own: throws a ZodError where `validation.ts` answers a client. */
  parse(value: unknown): T;
  readonly read: Read<T>;
  readonly schema: JsonSchema;
  /** A model's member of this kind may be absent. */
  readonly mayBeAbsent: boolean;
  /** What an absent member becomes; without it the member stays absent. */
  readonly fallback: (() => T) | undefined;
}

/** A kind whose absence leaves the member out of what was read. */
export interface OptionalKind<T> extends Kind<T> {
  readonly mayBeAbsent: true;
  readonly fallback: undefined;
}

interface KindDef extends $ZodTypeDef {
  read: Read<unknown>;
  schema: JsonSchema;
  mayBeAbsent: boolean;
  fallback: (() => unknown) | undefined;
  readsAbsence?: boolean;
}

const KindType = $constructor<Kind<unknown>, KindDef>('Kind', (kind, def) => {
  $ZodType.init(kind, def);
  const { read, schema, mayBeAbsent, fallback, readsAbsence } = def;
  const parse = (value: unknown) => parseOrThrow(kind, value);
  Object.assign(kind, { parse, read, schema, mayBeAbsent, fallback });
  if (mayBeAbsent) kind._zod.optin = 'optional';
  kind._zod.toJSONSchema = () => schema;
  kind._zod.parse = (payload) => {
    const { value } = payload;
    const issues = payload.issues as unknown as Issue[];
    if (value !== undefined || readsAbsence) payload.value = read(value, issues);
    else payload.value = mayBeAbsent ? fallback?.() : refuse(issues, 'missing', 'Field required', null);
    return payload;
  };
});

export function kind<T>(read: Read<T>, schema: JsonSchema): Kind<T> {
  return new KindType({ type: 'custom', read, schema, mayBeAbsent: false, fallback: undefined }) as Kind<T>;
}

/** A kind that says itself what is missing when there is nothing to read. */
export function kindOfParts<T>(read: Read<T>, schema: JsonSchema): Kind<T> {
  const def = {
    type: 'custom',
    read,
    schema,
    mayBeAbsent: false,
    fallback: undefined,
    readsAbsence: true,
  } as const;
  return new KindType(def) as Kind<T>;
}

/** The same kind with more said about it in the document: `deprecated`, a `format`. */
export function annotated<K extends Kind<unknown>>(base: K, more: JsonSchema): K {
  const { read, schema, mayBeAbsent, fallback } = base;
  return new KindType({ type: 'custom', read, schema: { ...schema, ...more }, mayBeAbsent, fallback }) as K;
}

/** May be absent, and is then absent in what was read. `documented` is the default that the document names. */
export function optional<T>(base: Kind<T>, documented?: unknown): OptionalKind<T> {
  const schema = documented === undefined ? base.schema : { ...base.schema, default: documented };
  const def = { type: 'custom', read: base.read, schema, mayBeAbsent: true, fallback: undefined } as const;
  return new KindType(def) as OptionalKind<T>;
}

/** May be absent and becomes the default. A default made by a function isn't in the document, as in pydantic. */
export function withDefault<T>(base: Kind<T>, value: NoInfer<T> | (() => NoInfer<T>)): Kind<T> {
  const made = typeof value === 'function';
  const schema = made || value === null ? base.schema : { ...base.schema, default: value };
  const fallback = made ? (value as () => T) : () => value;
  return new KindType({ type: 'custom', read: base.read, schema, mayBeAbsent: true, fallback }) as Kind<T>;
}

/** null is a value of its own; a union's null stands beside its branches in the document. */
export function nullable<T>(base: Kind<T>): Kind<T | null> {
  const { anyOf } = base.schema;
  const branches = Array.isArray(anyOf) ? anyOf : [base.schema];
  const read: Read<T | null> = (value, issues) => (value === null ? null : base.read(value, issues));
  return kind(read, { anyOf: [...branches, { type: 'null' }] });
}

/** pydantic's Optional[...] = None. */
export function maybe<T>(base: Kind<T>): Kind<T | null> {
  return withDefault(nullable(base), null);
}

/** A further check of what was read; a sentence about what is wrong makes it pydantic's value_error. */
export function checked<T>(base: Kind<T>, problem: (value: T) => string | undefined): Kind<T> {
  const read: Read<T> = (value, issues) => {
    const before = issues.length;
    const result = base.read(value, issues);
    if (issues.length > before) return result;
    const message = problem(result);
    return message === undefined ? result : refuseValue(issues, message, value);
  };
  const { schema, mayBeAbsent, fallback } = base;
  return new KindType({ type: 'custom', read, schema, mayBeAbsent, fallback }) as Kind<T>;
}

const ENOUGH_ISSUES = 1000;

/**
 * Whether so many issues came since `before` that a reader of many parts stops there: a body of a million wrong elements
 * must not become an answer of a million complaints.
 */
export function areEnough(issues: Issue[], before: number): boolean {
  return issues.length - before >= ENOUGH_ISSUES;
}

/** Notes what is wrong. The type of its result lets a reader return it. */
export function refuse(
  issues: Issue[],
  type: string,
  message: string,
  input: unknown,
  ctx?: Record<string, unknown>,
): never {
  issues.push({ code: 'custom', path: [], message, input, params: ctx ? { type, ctx } : { type } });
  return undefined as never;
}

export function refuseValue(issues: Issue[], message: string, input: unknown): never {
  return refuse(issues, 'value_error', `Value error, ${message}`, input, { error: {} });
}

/** Says of the issues from `start` on that they lie below this place. */
export function placeBelow(issues: Issue[], start: number, place: Place): void {
  for (let i = start; i < issues.length; i++) issues[i]!.path.unshift(place);
}

const components = new Map<string, () => JsonSchema>();

/** Registers a named schema of the document and gives the reference to it. */
export function component(name: string, schema: () => JsonSchema): JsonSchema {
  if (components.has(name)) throw new Error(`two schemas are called ${name}`);
  components.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

/** The same kind with a name in the document: pydantic's RootModel. */
export function named<T>(name: string, base: Kind<T>): Kind<T> {
  return kind(
    base.read,
    component(name, () => ({ ...base.schema, title: name })),
  );
}

/** All named schemas of the kinds loaded so far, for `components.schemas` of the OpenAPI document. */
export function componentSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries([...components].map(([name, schema]) => [name, schema()]));
}
