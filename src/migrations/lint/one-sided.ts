import { areTwins } from '../chain/folder-name.ts';
import { CHAIN_NAMES } from '../repository/notes.ts';
import type { LintedRevision } from './linted.ts';

const DATA = new Set(['insert', 'update', 'delete', 'truncate']);
/** Kinds that write rows on the way to another schema: SQLite's rebuild fills what PostgreSQL fills with UPDATE. */
const WRITES = new Set([...DATA, 'rebuild: copy']);

/**
 * Rows changed on one engine and not on the other make two different databases. A data step changes both, and what a
 * pair's other half does may come in several statements, so that only the tables are compared.
 */
export function oneSidedData(revisions: readonly LintedRevision[]): void {
  for (const one of revisions) {
    const twin = revisions.find((other) => other.chain !== one.chain && areTwins(one, other));
    if (twin) compare(one, twin);
  }
}

function compare(one: LintedRevision, twin: LintedRevision): void {
  const written = tablesOf(twin, WRITES);
  for (const table of tablesOf(one, DATA)) {
    if (written.has(table)) continue;
    const advice = `rows of it are changed here and not on ${CHAIN_NAMES[twin.chain]}; a data step (generate --data) changes them on both`;
    one.hazards.push({ rule: 'one-sided', table, advice });
  }
}

function tablesOf({ statements }: LintedRevision, kinds: ReadonlySet<string>): Set<string> {
  const own = statements.filter(({ facts }) => kinds.has(facts.kind));
  return new Set(own.flatMap(({ facts }) => facts.target ?? []));
}
