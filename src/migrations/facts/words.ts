/** The facts about a statement in a few words, for tables that people read. */

import type { StatementFacts, Work } from './facts.ts';

/** `ACCESS EXCLUSIVE flow`; on SQLite, where the whole database has one, whether it is held for long. */
export function lockWords({ locks, work }: Pick<StatementFacts, 'locks' | 'work'>): string {
  if (locks.length === 0) return 'none';
  const words = locks.map(({ lock, table }) => (table === '*' ? sqliteLock(work) : `${lock} ${table}`));
  return words.join(', ');
}

const sqliteLock = (work: readonly Work[]): string =>
  work.length > 0 ? 'database, long' : 'database, short';

const DOES: Record<Work['kind'], string> = {
  rewrite: 'rewrites',
  index: 'indexes',
  rows: 'changes rows of',
  scan: 'reads',
};

/** `rewrites flow, reads child`, or `no` where the number of rows doesn't matter. */
export function workWords({ work }: Pick<StatementFacts, 'work'>): string {
  const words = new Set(work.map(({ kind, table }) => `${DOES[kind]} ${table}`));
  return words.size === 0 ? 'no' : [...words].join(', ');
}

export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3).trimEnd()}...`;
}
