import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApiText } from '../../src/api/openapi.ts';
import { allRoutes } from '../../src/api/routers.ts';
import { checkGenerated } from '../../src/migrations/check/check.ts';
import { loadChains } from '../../src/migrations/repository/chains.ts';

test('openapi.json is what the route table says: run npm run openapi', () => {
  const text = readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8');
  expect(text === openApiText(allRoutes)).toBe(true);
});

test('schemas, chains, notes and revisions.lock say the same: run npm run generate:check', async () => {
  const { failures, pairs } = await checkGenerated(await loadChains());
  expect(failures).toEqual([]);
  expect(pairs).toBeGreaterThanOrEqual(2);
});
