import { Unrendered } from './faults.ts';

const MOST_STEPS = 200_000;
const LONGEST_TEXT = 1_000_000;
const DEEPEST_CALLS = 100;

/**
 * What the templates of one request may cost together. Loops are few and short, but what they make and what macros call
 * isn't, and while a template is rendered the server does nothing else.
 */
export class Budget {
  private steps = MOST_STEPS;
  private characters = LONGEST_TEXT;
  private depth = 0;

  take(steps = 1): void {
    this.steps -= steps;
    if (this.steps < 0) throw new Unrendered(`The template takes more than ${MOST_STEPS} steps.`);
  }

  takeText(length: number): void {
    this.take(1 + length / 100);
    this.characters -= length;
    if (this.characters < 0) {
      throw new Unrendered(`The template makes more than ${LONGEST_TEXT} characters.`);
    }
  }

  text(text: string): string {
    this.takeText(text.length);
    return text;
  }

  items<T>(items: readonly T[]): readonly T[] {
    this.take(items.length);
    return items;
  }

  /** Calls within calls; undefined when they go too deep. */
  within<T>(run: () => T): T | undefined {
    if (this.depth >= DEEPEST_CALLS) return undefined;
    this.depth++;
    try {
      return run();
    } finally {
      this.depth--;
    }
  }
}
