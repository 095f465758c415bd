import { expect, test } from 'vitest';
import { randomSlug } from '../../src/entities/slug.ts';
import { ADJECTIVES, ANIMALS } from '../../src/entities/slug-words.ts';

test('names are two words with a hyphen, of many', () => {
  const names = Array.from({ length: 500 }, randomSlug);
  for (const name of names) expect(name).toMatch(/^[a-z]+-[a-z]+$/);
  expect(new Set(names).size).toBeGreaterThan(450);
});

test('no word is twice in its list', () => {
  for (const words of [ADJECTIVES, ANIMALS]) {
    expect(new Set(words).size).toBe(words.length);
    expect(words.length).toBeGreaterThan(150);
  }
});
