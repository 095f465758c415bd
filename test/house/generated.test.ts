import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openApiText } from '../../src/api/openapi.ts';
import { allRoutes } from '../../src/api/routers.ts';
import type { DialectGenerator, SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { pgGenerator } from '../../src/migrations/pg/generate.ts';
import { chainFolder, readChain } from '../../src/migrations/revisions.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate.ts';
import * as pgEnums from '../../src/schema/pg/enums.ts';
import * as pgTables from '../../src/schema/pg/index.ts';
import * as sqliteTables from '../../src/schema/sqlite/index.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

test('openapi.json is what the route table says: run npm run openapi', () => {
  expect(read('openapi.json') === openApiText(allRoutes)).toBe(true);
});

describe.each<[DialectGenerator, SchemaModules]>([
  [sqliteGenerator, sqliteTables],
  [pgGenerator, { ...pgTables, ...pgEnums }],
])('the chain of $0.engine', (generator, schema) => {
  const folder = chainFolder(generator.chain);
  const chain = readChain(folder);

  test('says all that the schema does: run npm run generate', async () => {
    const last = JSON.parse(readFileSync(join(folder, chain.at(-1)!.folder, 'snapshot.json'), 'utf8'));
    expect(await generator.statements(last, await generator.snapshot(schema, last))).toEqual([]);
  });

  test('is the one that was generated: revisions.lock has each up.sql as it is', () => {
    const locked = read('drizzle/revisions.lock')
      .split('\n')
      .filter((line) => line.includes(`  ${generator.chain}/`));
    const current = chain.map(({ folder: name }) => {
      const up = readFileSync(join(folder, name, 'up.sql'));
      return `${createHash('sha256').update(up).digest('hex')}  ${generator.chain}/${name}`;
    });
    expect(locked).toEqual(current);
  });

  test('has each revision in the notes once, the newest first', () => {
    const noted = [...read('drizzle/MIGRATION-NOTES.md').matchAll(/^- \w+: `([0-9a-f]{12})`/gm)];
    const own = new Set(chain.map(({ id }) => id));
    expect(noted.map((match) => match[1]!).filter((id) => own.has(id))).toEqual(
      chain.map(({ id }) => id).toReversed(),
    );
  });
});
