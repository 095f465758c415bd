import type { DeclaredDifference } from '../repository/notes.ts';

/** What is wrong with the differences that one pair of revisions makes. */
export interface Verdict {
  /** Differences that nobody has declared. */
  readonly unexplained: string[];
  /** Declarations that fit no difference. */
  readonly unneeded: string[];
}

/** Judges the differences that are new since the pair before by what the pair's own entry in the notes declares. */
export function judge(
  before: readonly string[],
  now: readonly string[],
  declared: readonly DeclaredDifference[],
): Verdict {
  const known = new Set(before);
  const made = now.filter((difference) => !known.has(difference));
  const patterns = declared.map(({ pattern }) => ({ pattern, matches: wildcard(pattern) }));
  return {
    unexplained: made.filter((difference) => !patterns.some(({ matches }) => matches.test(difference))),
    unneeded: patterns.filter(({ matches }) => !made.some((one) => matches.test(one))).map((p) => p.pattern),
  };
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
