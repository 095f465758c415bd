import { withoutComments } from '../chain/script.ts';

const NAME = String.raw`("(?:[^"]|"")+"|[\w$]+)`;
const CONCURRENTLY =
  /^(?:create\s+(?:unique\s+)?index|drop\s+index|reindex\b[^;]*?|refresh\s+materialized\s+view)\s+concurrently\b|^alter\s+table\b[^;]*\bdetach\s+partition\b[^;]*\bconcurrently\b/i;
const OTHERS =
  /^(?:vacuum|alter\s+system|create\s+database|drop\s+database|reindex\s+(?:database|system))\b/i;
const BUILDS = new RegExp(
  String.raw`^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?${NAME}\s+on\b`,
  'i',
);

/** PostgreSQL refuses these inside a transaction. */
export function runsAlone(statement: string): boolean {
  const bare = withoutComments(statement);
  return CONCURRENTLY.test(bare) || OTHERS.test(bare);
}

/** The index that a statement builds beside its table's traffic; null for any other statement. */
export function builtConcurrently(statement: string): string | null {
  const name = BUILDS.exec(withoutComments(statement))?.[1];
  if (!name) return null;
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}
