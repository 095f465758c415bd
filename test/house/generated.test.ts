import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApiText } from '../../src/api/openapi.ts';
import { allRoutes } from '../../src/api/routers.ts';

test('openapi.json is what the route table says: run npm run openapi', () => {
  const committed = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');
  expect(committed === openApiText(allRoutes)).toBe(true);
});
