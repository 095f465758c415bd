import { isObject, type Json, type JsonObject } from './types.ts';

/**
 * Makes a schema of pydantic 1, which clients still send, one of draft 2020-12: optional members may be null, tuples
 * are `prefixItems`, a block may also be given by reference.
 */
export function prepareSchema(schema: JsonObject, { nullWithDefault = false } = {}): JsonObject {
  const prepared = { ...schema };
  if (isObject(prepared['properties'])) {
    prepared['properties'] = prepareMembers(prepared['properties'], prepared['required'], nullWithDefault);
  }
  if (isObject(prepared['definitions'])) {
    prepared['definitions'] = prepareDefinitions(prepared['definitions'], nullWithDefault);
  }
  return prepared;
}

function prepareMembers(members: JsonObject, required: Json, nullWithDefault: boolean): JsonObject {
  const names = Array.isArray(required) ? required : [];
  return mapMembers(members, (name, schema) => {
    if (!isObject(schema)) return schema;
    const member = withTupleItems(names.includes(name) ? schema : withNull(schema, nullWithDefault));
    if (!isObject(member['properties'])) return member;
    const properties = prepareMembers(member['properties'], member['required'], nullWithDefault);
    return { ...member, properties };
  });
}

function withNull(schema: JsonObject, nullWithDefault: boolean): JsonObject {
  const { type, ...rest } = schema;
  if (type === undefined || type === 'null' || ('default' in schema && !nullWithDefault)) return schema;
  return { ...rest, anyOf: [{ type }, { type: 'null' }] };
}

function withTupleItems(schema: JsonObject): JsonObject {
  const { items, ...rest } = schema;
  if (!Array.isArray(items) || items.length === 0 || schema['prefixItems']) return schema;
  return { ...rest, prefixItems: items };
}

const BLOCK_REFERENCE = {
  type: 'object',
  properties: {
    $ref: {
      oneOf: [
        { type: 'string', format: 'uuid' },
        { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 },
      ],
    },
  },
  required: ['$ref'],
};

function prepareDefinitions(definitions: JsonObject, nullWithDefault: boolean): JsonObject {
  const prepared: JsonObject = {};
  for (const [name, definition] of Object.entries(definitions)) {
    if (!isObject(definition)) prepared[name] = definition;
    else {
      const { properties, required } = definition;
      const members = isObject(properties) && {
        properties: prepareMembers(properties, required, nullWithDefault),
      };
      const whole = { ...definition, ...members };
      prepared[name] = whole;
      if ('block_type_slug' in definition) {
        prepared[String(definition['title'])] = { oneOf: [whole, BLOCK_REFERENCE] };
      }
    }
  }
  return prepared;
}

function mapMembers(members: JsonObject, change: (name: string, member: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(name, member)]));
}
