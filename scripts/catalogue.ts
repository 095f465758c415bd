/**
 * Writes catalogue/ anew: the block types and schemas that Prefect registers by itself, and the views of its collections,
 * from the answers of a real server on an empty database.
 *   npx tsx test/oracle/serve.ts --port 4300
 *   npx tsx scripts/catalogue.ts http://127.0.0.1:4300/api
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { definitionsOf, type Fields, referencesOf } from '../src/entities/block/fields.ts';
import { parseJson, stringifyJson } from '../src/json/json.ts';

const api = process.argv[2];
if (!api)
  throw new Error('Name the API of a real server: npx tsx scripts/catalogue.ts http://127.0.0.1:4300/api.');

/** Those that a server answers without the internet. */
const VIEWS = ['aggregate-worker-metadata'];

interface Type {
  [field: string]: unknown;
  slug: string;
}

interface Schema {
  checksum: string;
  version: string;
  capabilities: string[];
  fields: Fields;
  block_type: Type;
}

const types = (await ask<Type[]>('/block_types/filter', {})).map(
  ({ id: _id, created: _created, updated: _updated, ...type }) => type,
);
// In the order in which they were made: a union's branches are answered in it.
const schemas = (await ask<Schema[]>('/block_schemas/filter', {})).reverse().map((schema) => ({
  slug: schema.block_type.slug,
  checksum: schema.checksum,
  version: schema.version,
  // A set in Prefect, in another order with every start.
  capabilities: schema.capabilities.sort(),
  fields: ownFields(schema.fields),
  references: referencesOf(schema.fields).map(({ name, checksum }) => ({ name, checksum })),
}));
if (types.length > 100)
  throw new Error('This server has more than its own block types: start one on an empty database.');
const text = `{"types":${lines(types)},\n"schemas":${lines(schemas)}}\n`;
write('blocks.json', text);
write('blocks.sha256', `${createHash('sha256').update(text).digest('hex')}\n`);
for (const view of VIEWS)
  write(`views/${view}.json`, `${stringifyJson(await ask(`/collections/views/${view}`))}\n`);
console.log(`${types.length} block types, ${schemas.length} schemas, ${VIEWS.length} views`);

/** Without what an answer adds: the definitions of nested blocks, which say what type they are. */
function ownFields({ block_schema_references: _references, ...fields }: Fields): Fields {
  const { definitions: _all, ...others } = fields;
  const own = Object.entries(definitionsOf(fields) ?? {}).filter(
    ([, definition]) => !(definition as Fields)['block_type_slug'],
  );
  return own.length === 0 ? others : { ...others, definitions: Object.fromEntries(own) };
}

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(api + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return parseJson(text) as Answer;
}

/** One to a line, so that a change of one is a change of one line. */
function lines(values: unknown[]): string {
  return `[\n${values.map(stringifyJson).join(',\n')}\n]`;
}

function write(name: string, content: string): void {
  writeFileSync(fileURLToPath(new URL(`../catalogue/${name}`, import.meta.url)), content);
}
