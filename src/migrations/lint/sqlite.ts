import type { Scene } from '../facts/facts.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';
import type { LintContext } from './lint.ts';
import { type Findings, FindingsByStatement } from './linted.ts';
import { lintQuotedStrings } from './sqlite-quotes.ts';
import { lintRebuild, rebuildsIn } from './sqlite-rebuild.ts';

/** What no linter knows of SQLite: what a rebuild forgets, and strings that look like names. */
export function lintSqlite(facts: readonly NumberedFacts[], context: LintContext, scene: Scene): Findings {
  const findings = new FindingsByStatement();
  for (const rebuild of rebuildsIn(facts)) lintRebuild(rebuild, facts, context, scene, findings);
  lintQuotedStrings(facts, context, findings);
  return findings;
}
