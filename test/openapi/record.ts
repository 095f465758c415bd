/**
 * Writes the facts of Prefect's own document, one line an operation and a schema:
 *   npx tsx test/openapi/record.ts http://127.0.0.1:4300/openapi.json     (of a real server; or the path of a file)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { factsOf, referencesIn } from './facts.ts';

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error('Say where the document is: an address or a file.');
const text = /^https?:/.test(source) ? await (await fetch(source)).text() : readFileSync(source, 'utf8');
const { operations, schemas } = factsOf(JSON.parse(text));
// The settings of Python's client and of the machine that the server runs on: no contract of the API.
delete schemas['Settings'];
for (let found = true; found; ) {
  const used = new Set(referencesIn([operations, schemas]));
  const idle = Object.keys(schemas).filter((name) => !used.has(name));
  for (const name of idle) delete schemas[name];
  found = idle.length > 0;
}

const lines = (record: object): string =>
  Object.entries(record)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(',\n');
const target = new URL('fixtures/prefect-3.8.8.json', import.meta.url);
writeFileSync(target, `{"operations":{\n${lines(operations)}\n},"schemas":{\n${lines(schemas)}\n}}\n`);
