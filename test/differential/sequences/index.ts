import type { Group } from '../sequence.ts';
import { flows } from './flows.ts';
import { root } from './root.ts';

/** In the order in which they run: those that need an empty database first. */
export const groups: Group[] = [root, flows].sort(
  (a, b) => Number(b.needsEmptyDatabase ?? false) - Number(a.needsEmptyDatabase ?? false),
);
