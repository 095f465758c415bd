import type { Database } from '../db/database.ts';
import { detail, errors } from '../errors.ts';
import { JsonText } from '../json/json.ts';
import { schemaFault } from '../json/schema/meta-schema.ts';
import { schemaErrors, schemaProblem } from '../json/schema/problem.ts';
import { pythonText } from '../json/schema/python-text.ts';
import { isObject, type Json, type JsonObject } from '../json/schema/types.ts';
import { CircularSchema, Unresolvable } from '../json/schema/validator.ts';
import { readBlockDocument } from './block-document-query.ts';

interface Rules {
  /** False only where nothing is laid over these variables any more: for a run. */
  ignoreRequired: boolean;
  /** A template's own default that doesn't fit is left out, and then nothing is required. False to check the defaults. */
  ignoreInvalidDefaults?: boolean;
}

/**
 * What is wrong with job variables under a pool's base job template: its defaults, with the layers over them. Undefined
 * when nothing is, or when the template has no schema.
 * @throws HttpError 422 when the schema is none, 404 for a default that is a block which there isn't
 */
export async function jobVariablesProblem(
  db: Database,
  template: JsonText,
  layers: (JsonText | null | undefined)[],
  { ignoreRequired, ignoreInvalidDefaults = true }: Rules,
): Promise<string | undefined> {
  const schema = variablesSchema(template);
  if (!schema) return undefined;
  const fault = schemaFault(schema);
  if (fault !== undefined) throw errors.unprocessable(`Invalid schema: ${fault}`);
  const { defaults, someInvalid } = await templateDefaults(db, schema, ignoreInvalidDefaults);
  let variables = defaults;
  for (const layer of layers) {
    const given = layer?.parse();
    if (isObject(given)) variables = { ...variables, ...given };
  }
  return schemaProblem(variables, schema, {
    ignoreRequired: ignoreRequired || (ignoreInvalidDefaults && someInvalid),
    nullWithDefault: true,
  });
}

/**
 * The first thing that is wrong with a deployment's own job variables, as Prefect's update shows it: without the
 * template's defaults.
 */
export function ownJobVariablesProblem(template: JsonText, variables: JsonText): string | undefined {
  const schema = variablesSchema(template);
  if (!schema) return undefined;
  try {
    const [error] = schemaErrors(variables.parse(), schema, { ignoreRequired: true });
    return error && `<ValidationError: ${pythonText(error.message)}>`;
  } catch (error) {
    if (!(error instanceof CircularSchema || error instanceof Unresolvable)) throw error;
    return error.message;
  }
}

function variablesSchema(template: JsonText): JsonObject | undefined {
  const parsed = template.parse();
  const schema = isObject(parsed) ? parsed['variables'] : undefined;
  return isObject(schema) && Object.keys(schema).length > 0 ? schema : undefined;
}

async function templateDefaults(
  db: Database,
  schema: JsonObject,
  checked: boolean,
): Promise<{ defaults: JsonObject; someInvalid: boolean }> {
  const defaults: JsonObject = {};
  let someInvalid = false;
  const fields = isObject(schema['properties']) ? schema['properties'] : {};
  for (const [name, field] of Object.entries(fields)) {
    if (!isObject(field) || !Object.hasOwn(field, 'default')) continue;
    const value = await resolved(db, field['default']);
    if (value === undefined) continue;
    if (checked && !fits({ [name]: value }, schema)) someInvalid = true;
    else defaults[name] = value;
  }
  return { defaults, someInvalid };
}

function fits(value: Json, schema: JsonObject): boolean {
  return schemaProblem(value, schema, { prepare: false, ignoreRequired: true }) === undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A default that names a block stands for the block's data; undefined when it names none. */
async function resolved(db: Database, value: Json): Promise<Json | undefined> {
  if (!isObject(value) || !('$ref' in value)) return value;
  const reference = value['$ref'];
  const id = isObject(reference) ? reference['block_document_id'] : undefined;
  if (id === undefined || id === null) return undefined;
  const block = UUID.test(String(id)) ? await readBlockDocument(db, String(id).toLowerCase()) : undefined;
  if (!block) throw detail(404, 'Block not found.');
  return block.data instanceof JsonText ? block.data.parse() : block.data;
}
