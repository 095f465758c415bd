import { type Json, TYPE_NAMES } from './types.ts';
import { CircularSchema, Validator } from './validator.ts';

const schema = { $ref: '#' };
const schemas = { type: 'array', minItems: 1, items: schema };
const schemasByName = { type: 'object', additionalProperties: schema };
const text = { type: 'string' };
const number = { type: 'number' };
const flag = { type: 'boolean' };
const count = { type: 'integer', minimum: 0 };
const names = { type: 'array', items: text, uniqueItems: true };
const simpleType = { enum: TYPE_NAMES };
const list = { type: 'array' };
const anchor = { type: 'string', pattern: '^[A-Za-z_][-A-Za-z0-9._]*$' };

const core = {
  $id: { type: 'string', pattern: '^[^#]*#?$' },
  $schema: text,
  $ref: text,
  $anchor: anchor,
  $dynamicRef: text,
  $dynamicAnchor: anchor,
  $comment: text,
  $defs: schemasByName,
};

const applicators = {
  prefixItems: schemas,
  items: schema,
  contains: schema,
  additionalProperties: schema,
  properties: schemasByName,
  patternProperties: { ...schemasByName, propertyNames: { format: 'regex' } },
  dependentSchemas: schemasByName,
  propertyNames: schema,
  if: schema,
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own name; nothing awaits this object.
  then: schema,
  else: schema,
  allOf: schemas,
  anyOf: schemas,
  oneOf: schemas,
  not: schema,
  unevaluatedItems: schema,
  unevaluatedProperties: schema,
};

const assertions = {
  type: { anyOf: [simpleType, { type: 'array', items: simpleType, minItems: 1, uniqueItems: true }] },
  enum: list,
  multipleOf: { type: 'number', exclusiveMinimum: 0 },
  maximum: number,
  exclusiveMaximum: number,
  minimum: number,
  exclusiveMinimum: number,
  maxLength: count,
  minLength: count,
  pattern: { type: 'string', format: 'regex' },
  maxItems: count,
  minItems: count,
  uniqueItems: flag,
  maxContains: count,
  minContains: count,
  maxProperties: count,
  minProperties: count,
  required: names,
  dependentRequired: { type: 'object', additionalProperties: names },
};

const annotations = {
  title: text,
  description: text,
  deprecated: flag,
  readOnly: flag,
  writeOnly: flag,
  examples: list,
  format: text,
  contentEncoding: text,
  contentMediaType: text,
  contentSchema: schema,
};

/** JSON Schema's own schema of draft 2020-12, its vocabularies in one. */
const metaSchema = {
  type: ['object', 'boolean'],
  properties: { ...core, ...applicators, ...assertions, ...annotations, definitions: schemasByName },
};

/** The first thing that makes this no JSON Schema, in the words of Prefect's check; undefined when it is one. */
export function schemaFault(value: Json): string | undefined {
  try {
    const validator = new Validator(metaSchema, { checksFormats: true });
    return validator.errors(value, metaSchema)[0]?.message;
  } catch (error) {
    // Nested more deeply than anything is validated: what uses it says so.
    if (error instanceof CircularSchema || error instanceof RangeError) return undefined;
    throw error;
  }
}
