import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseJson } from '../../../src/json/json.ts';
import { schemaFault } from '../../../src/json/schema/meta-schema.ts';

/**
 * Schemas, and what Python's jsonschema 4 says first of each (null: it is one). Random ones, without those where two
 * members of one object are at fault: Python looks at them in no order.
 */
const recorded: [schema: string, fault: string | null][] = JSON.parse(
  readFileSync(new URL('fixtures/faults.json', import.meta.url), 'utf8'),
);

test('the fixture has many kinds of faults', () => {
  expect(recorded.filter(([, said]) => said === null).length).toBeGreaterThan(10);
  expect(new Set(recorded.map(([, said]) => said)).size).toBeGreaterThan(60);
});

test.each(recorded)('%s', (schema, said) => {
  expect(schemaFault(parseJson(schema)) ?? null).toBe(said);
});

test('a schema that is nested without end is left to who validates with it', () => {
  const deep = `${'{"not":'.repeat(400)}true${'}'.repeat(400)}`;
  expect(schemaFault(parseJson(deep))).toBeUndefined();
});
