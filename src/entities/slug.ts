import { randomInt } from 'node:crypto';
import { ADJECTIVES, ANIMALS } from './slug-words.ts';

/** A name for a run that has none, as `brisk-otter`. */
export function randomSlug(): string {
  return `${ADJECTIVES[randomInt(ADJECTIVES.length)]}-${ANIMALS[randomInt(ANIMALS.length)]}`;
}
