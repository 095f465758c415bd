import type { PgSnapshot } from '../pg/generate/snapshot.ts';
import { type ChainFiles, lineOf } from '../repository/files.ts';
import { NOTES_FILE, type Notes } from '../repository/notes.ts';
import type { SqliteSnapshot } from '../sqlite/generate/ddl.ts';
import type { Failure } from './check.ts';
import { judge } from './declared.ts';
import { snapshotDifferences } from './snapshot-facts.ts';

/** Whether each pair of snapshots has the same keys, constraints and indexes, but for what its entry in the notes declares. */
export function checkParity(chains: readonly ChainFiles[], { entries }: Notes): Failure[] {
  const lines = (['sqlite', 'pg'] as const).map((name) =>
    lineOf(chains.find(({ chain }) => chain === name)?.revisions ?? []),
  );
  const [sqlite = [], pg = []] = lines;
  const failures: Failure[] = [];
  let before: string[] = [];
  for (const [at, one] of sqlite.entries()) {
    const other = pg[at];
    // Other failures say what is missing.
    if (!one.snapshot || !other?.snapshot) return failures;
    const now = snapshotDifferences(one.snapshot as SqliteSnapshot, other.snapshot as PgSnapshot);
    const entry = entries.find(({ ids }) => ids.sqlite === one.revision.id);
    const { unexplained } = judge(before, now, entry?.differs ?? []);
    if (unexplained.length > 0) failures.push(failure(one.place, unexplained));
    before = now;
  }
  return failures;
}

function failure(place: string, [first, ...others]: readonly string[]): Failure {
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const message =
    `After ${place} one database has what the other hasn't (${first}${more}): write it into both schemas and run ` +
    `npm run generate, or declare it in its entry of drizzle/${NOTES_FILE} with "- Differs: \`${first}\`: reason".`;
  return { rule: 'parity', message };
}
