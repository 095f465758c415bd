import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Fields, schemaChecksum, storedFields } from '../../src/entities/block/fields.ts';
import { parseJson } from '../../src/json/json.ts';
import { pythonJson } from '../../src/json/python-json.ts';

interface Schema {
  checksum: string;
  fields: Fields;
  references: unknown[];
}

const catalogue = parseJson(
  readFileSync(join(import.meta.dirname, '../../catalogue/blocks.json'), 'utf8'),
) as { schemas: Schema[] };

test('checksums are those that Prefect computes', () => {
  // What nests others can't be told from its stored fields alone.
  const plain = catalogue.schemas.filter(
    ({ references, fields }) => references.length === 0 && !('definitions' in fields),
  );
  expect(plain.length).toBeGreaterThan(30);
  const wrong = plain.filter(
    ({ fields, checksum }) => schemaChecksum({ ...fields, block_schema_references: {} }) !== checksum,
  );
  expect(wrong).toEqual([]);
});

/** What Python's json.dumps(..., sort_keys=True) makes of the same texts. */
const asPython: [given: string, python: string][] = [
  ['[1,1.0,-0,-0.0,1e2,1e15,1e16,1.5e300]', '[1, 1.0, 0, -0.0, 100.0, 1000000000000000.0, 1e+16, 1.5e+300]'],
  ['[0.0001,0.00001,1E-7,1.25e-5,0.1,123.456]', '[0.0001, 1e-05, 1e-07, 1.25e-05, 0.1, 123.456]'],
  ['[123456789012345678901234567890,1e400,-1e400]', '[123456789012345678901234567890, Infinity, -Infinity]'],
  ['{"b":[],"a":{},"Z":null,"10":true,"9":false}', '{"10": true, "9": false, "Z": null, "a": {}, "b": []}'],
  [
    String.raw`{"\ud83d\ude00":1,"\uffff":2,"ä":"\u007f\b\f\n\r\t\"\\/"}`,
    String.raw`{"\u00e4": "\u007f\b\f\n\r\t\"\\/", "\uffff": 2, "\ud83d\ude00": 1}`,
  ],
];

test.each(asPython)('%s is spelled as in Python', (given, python) => {
  expect(pythonJson(parseJson(given))).toBe(python);
});

test('secrets and definitions that nothing refers to are no part of the checksum', () => {
  const fields = { title: 'T', properties: { a: { $ref: '#/definitions/A' } } };
  const checksum = schemaChecksum({ ...fields, definitions: { A: { title: 'A' } } });
  const more = {
    secret_fields: ['a'],
    definitions: { A: { title: 'A', secret_fields: ['b'] }, B: { title: 'B' } },
  };
  expect(schemaChecksum({ ...fields, ...more })).toBe(checksum);
  expect(schemaChecksum({ ...fields, definitions: { A: { title: 'a' } } })).not.toBe(checksum);
});

test('what belongs to nested blocks is not stored, and definitions that refer to each other end', () => {
  const definitions = {
    Block: { title: 'Block', block_type_slug: 'b', properties: { p: { $ref: '#/definitions/Plain' } } },
    Plain: { title: 'Plain', properties: { again: { $ref: '#/definitions/Plain' } } },
  };
  const fields = { title: 'T', properties: { b: { $ref: '#/definitions/Block' } } };
  const references = { b: { block_type_slug: 'b', block_schema_checksum: 'c' } };
  const { Plain } = definitions;
  expect(storedFields({ ...fields, definitions, block_schema_references: references })).toEqual({
    ...fields,
    definitions: { Plain },
  });
});
