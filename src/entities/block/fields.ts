/**
 * The fields of a block schema: a JSON schema whose `definitions` hold those of nested blocks, too. What belongs to nested
 * blocks isn't stored with it: they are schemas of their own, to which `block_schema_references` point.
 */
import { createHash } from 'node:crypto';
import { pythonJson } from '../../json/python-json.ts';
import { isObject } from '../../json/schema/types.ts';

export type Fields = Record<string, unknown>;

/** Where a schema has another: one, or one of several in a union. */
export interface Reference {
  /** The property. */
  name: string;
  slug: string;
  checksum: string;
}

/** The checksum by which clients find a schema: that of Prefect, to the character. */
export function schemaChecksum(fields: Fields): string {
  const said = withoutKey(fields, 'secret_fields') as Fields;
  const { definitions, ...others } = said;
  const kept = isFilled(definitions) ? nonBlockDefinitions(said, definitions) : undefined;
  const counted = !isFilled(definitions) ? said : isFilled(kept) ? { ...others, definitions: kept } : others;
  return `sha256:${createHash('sha256')
    .update(`[[${pythonJson(counted)}], {}]`)
    .digest('hex')}`;
}

/** What of the fields is stored with the schema itself. */
export function storedFields(fields: Fields): Fields {
  const { block_schema_references: _references, ...own } = fields;
  const { definitions, ...others } = own;
  if (!isFilled(definitions)) return own;
  const kept = nonBlockDefinitions(fields, definitions);
  return isFilled(kept) ? { ...others, definitions: kept } : others;
}

export function definitionsOf(fields: Fields): Fields | undefined {
  return isFilled(fields['definitions']) ? fields['definitions'] : undefined;
}

/** @throws BadReference */
export function referencesOf(fields: Fields): Reference[] {
  const references = fields['block_schema_references'] ?? {};
  if (!isObject(references)) throw new BadReference('block_schema_references must be an object.');
  return Object.entries(references).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((entry) => readReference(name, entry)),
  );
}

/** What is wrong with the fields that a client sent, in a sentence. */
export class BadReference extends Error {}

function readReference(name: string, entry: unknown): Reference {
  const { block_type_slug: slug, block_schema_checksum: checksum } = isObject(entry) ? entry : {};
  if (typeof slug === 'string' && typeof checksum === 'string') return { name, slug, checksum };
  throw new BadReference(
    `The block schema reference ${name} must have a block_type_slug and a block_schema_checksum.`,
  );
}

/** The fields of a nested block, as the definitions have them; of a union's branches the one with this slug. */
export function childFields(
  fields: Fields,
  definitions: Fields | undefined,
  { name, slug }: Reference,
): Fields {
  const properties = fields['properties'];
  const keys = isObject(properties) ? referencedKeys(properties[name]) : [];
  const found = keys
    .map((key) => definitions?.[key])
    .filter(isObject)
    .find((definition) => keys.length === 1 || definition['block_type_slug'] === slug);
  if (!found) throw new BadReference(`The definitions have no block of type ${slug} for ${name}.`);
  return found;
}

/** Those definitions that are reached from here and are no blocks. */
function nonBlockDefinitions(from: unknown, definitions: Fields, found: Fields = {}): Fields {
  for (const key of referencedKeys(from)) {
    const definition = Object.hasOwn(definitions, key) ? definitions[key] : undefined;
    const isBlock = isObject(definition) && (definition['block_type_slug'] ?? null) !== null;
    if (!isFilled(definition) || isBlock || Object.hasOwn(found, key)) continue;
    found[key] = definition;
    nonBlockDefinitions(definition, definitions, found);
  }
  return found;
}

function referencedKeys(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencedKeys);
  if (!isObject(value)) return [];
  const own = typeof value['$ref'] === 'string' ? [value['$ref'].replace('#/definitions/', '')] : [];
  return [...own, ...Object.values(value).flatMap(referencedKeys)];
}

/** Through objects, not through lists, as Prefect does it. */
function withoutKey(value: unknown, removed: string): unknown {
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => key !== removed);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutKey(member, removed)]));
}

const isFilled = (value: unknown): value is Fields => isObject(value) && Object.keys(value).length > 0;
