import { expect, test } from 'vitest';
import { uuid7 } from '../../src/time/uuid7.ts';

test('is a UUID of version 7 and of now', () => {
  const before = Date.now();
  const id = uuid7();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const milliseconds = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  expect(milliseconds).toBeGreaterThanOrEqual(before - 5);
  expect(milliseconds).toBeLessThanOrEqual(Date.now() + 5);
});

test('no two are the same, and later ones are greater', async () => {
  const ids = Array.from({ length: 10_000 }, uuid7);
  expect(new Set(ids).size).toBe(ids.length);
  await new Promise((resolve) => setTimeout(resolve, 2));
  const later = uuid7();
  expect(ids.every((id) => id < later)).toBe(true);
});
