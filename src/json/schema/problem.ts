import { prepareSchema } from './prepare.ts';
import { pythonText } from './python-text.ts';
import { isObject, type Json, type JsonObject, type SchemaError, TYPE_NAMES } from './types.ts';
import { CircularSchema, mostRelevant, Unresolvable, Validator } from './validator.ts';

export const CIRCULAR = 'Invalid schema: Unable to validate schema with circular references.';

export interface SchemaRules {
  /** Makes nothing required, at any depth. */
  ignoreRequired?: boolean;
  /** Also lets a member that has a default be null. */
  nullWithDefault?: boolean;
  /** Whether schemas of pydantic 1 are made valid ones first; true when absent. */
  prepare?: boolean;
}

function preparedSchema(schema: JsonObject, rules: SchemaRules): JsonObject {
  const { ignoreRequired, nullWithDefault, prepare = true } = rules;
  const prepared = prepare ? prepareSchema(schema, { nullWithDefault }) : schema;
  return ignoreRequired ? (withoutRequired(prepared) as JsonObject) : prepared;
}

/** As Prefect does it: through objects only, and whatever `required` means there. */
function withoutRequired(schema: Json): Json {
  if (!isObject(schema)) return schema;
  const others = Object.entries(schema).filter(([name]) => name !== 'required');
  return Object.fromEntries(others.map(([name, value]) => [name, withoutRequired(value)]));
}

/**
 * Everything that is wrong with a value, formats included.
 * @throws CircularSchema, Unresolvable
 */
export function schemaErrors(value: Json, schema: JsonObject, rules: SchemaRules = {}): SchemaError[] {
  const prepared = preparedSchema(schema, rules);
  return new Validator(prepared, { checksFormats: true }).errors(value, prepared);
}

/** What is wrong with a value, in the words of Prefect's own check; undefined when nothing is. */
export function schemaProblem(value: Json, schema: JsonObject, rules: SchemaRules = {}): string | undefined {
  const prepared = preparedSchema(schema, rules);
  const wrongType = unknownType(prepared);
  if (wrongType !== undefined) return `Invalid schema: ${pythonText(wrongType)} is not a type.`;
  try {
    const error = mostRelevant(new Validator(prepared).errors(value, prepared));
    return error && `Validation failed${place(error)}. Failure reason: ${error.message}`;
  } catch (error) {
    if (error instanceof CircularSchema || error instanceof RangeError) return CIRCULAR;
    if (error instanceof Unresolvable) return `Validation failed. Failure reason: ${error.message}`;
    if (error instanceof SyntaxError) return `Invalid schema: ${error.message}`;
    throw error;
  }
}

const PLAIN_NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;

function place({ path }: SchemaError): string {
  if (path.length === 0) return '';
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    return PLAIN_NAME.test(step) ? `.${step}` : `['${step.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`;
  });
  return ` for field ${pythonText(`$${steps.join('')}`.replaceAll('$.', ''))}`;
}

/** A type that JSON Schema doesn't know, anywhere below; such a schema would refuse everything. */
function unknownType(schema: Json): Json | undefined {
  if (Array.isArray(schema)) return schema.map(unknownType).find((found) => found !== undefined);
  if (!isObject(schema)) return undefined;
  const { type } = schema;
  const types = Array.isArray(type) ? type : typeof type === 'string' ? [type] : [];
  const unknown = types.find((name) => !TYPE_NAMES.includes(String(name)));
  if (unknown !== undefined) return unknown;
  const { enum: _enum, const: _const, default: _default, examples: _examples, ...schemas } = schema;
  return Object.values(schemas)
    .map(unknownType)
    .find((found) => found !== undefined);
}
