import type { Database } from '../../db/database.ts';
import { detail, errors } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import { schemaFault } from '../../json/schema/meta-schema.ts';
import { schemaErrors, schemaProblem } from '../../json/schema/problem.ts';
import { pythonText } from '../../json/schema/python-text.ts';
import { isObject, type Json, type JsonObject } from '../../json/schema/types.ts';
import { CircularSchema, Unresolvable } from '../../json/schema/validator.ts';
import { readBlockDocument } from '../block/document-query.ts';

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
  const known = knownSchema(template);
  if (!known) return undefined;
  const { schema, fault } = known;
  if (fault !== undefined) throw errors.unprocessable(`Invalid schema: ${fault}`);
  const { defaults, someInvalid } = await defaultsOf(db, known, ignoreInvalidDefaults);
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

interface KnownSchema {
  schema: JsonObject;
  fault: string | undefined;
  /** The defaults that fit, once they were looked at, where no block decides. */
  fitting?: Defaults;
}

interface Defaults {
  defaults: JsonObject;
  someInvalid: boolean;
}

/** A pool's template is looked at for every run: looking at it costs more than writing the run. */
const knownSchemas = new Map<string, KnownSchema | undefined>();
const MOST_KNOWN = 100;

function knownSchema(template: JsonText): KnownSchema | undefined {
  const { text } = template;
  if (!knownSchemas.has(text)) {
    if (knownSchemas.size >= MOST_KNOWN) knownSchemas.clear();
    const schema = variablesSchema(template);
    knownSchemas.set(text, schema && { schema, fault: schemaFault(schema) });
  }
  return knownSchemas.get(text);
}

async function defaultsOf(db: Database, known: KnownSchema, checked: boolean): Promise<Defaults> {
  if (checked && known.fitting) return known.fitting;
  const found = await templateDefaults(db, known.schema, checked);
  if (checked && !namesBlocks(known.schema)) known.fitting = found;
  return found;
}

function namesBlocks(schema: JsonObject): boolean {
  return Object.values(fieldsOf(schema)).some(
    (field) => isObject(field) && isObject(field['default']) && '$ref' in field['default'],
  );
}

function fieldsOf(schema: JsonObject): JsonObject {
  return isObject(schema['properties']) ? schema['properties'] : {};
}

async function templateDefaults(db: Database, schema: JsonObject, checked: boolean): Promise<Defaults> {
  const defaults: JsonObject = {};
  let someInvalid = false;
  for (const [name, field] of Object.entries(fieldsOf(schema))) {
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
