import { BREAKPOINT } from '../chain/script.ts';
import type { Scene } from '../facts/facts.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';
import type { LintContext } from './lint.ts';
import { type Findings, FindingsByStatement } from './linted.ts';

/** Beyond the statements themselves: a file's pieces that hold more than one statement, and names that are cut off. */
export function lintPg(facts: readonly NumberedFacts[], _context: LintContext, _scene: Scene): Findings {
  const findings = new FindingsByStatement();
  facts.forEach((one, index) => {
    const table = one.tables[0] ?? '*';
    const shares = facts.some((other) => other !== one && other.number === one.number);
    if (one.outsideTransaction && shares) {
      const advice = `fails, since statements that are sent together are one transaction: put ${BREAKPOINT} between them`;
      findings.hazard(index, 'transaction', table, advice);
    }
    for (const name of longNames(one.text)) {
      const advice = `PostgreSQL keeps 63 bytes of a name and cuts off the rest of ${name}: give it a shorter one`;
      findings.hazard(index, 'long-name', table, advice);
    }
  });
  return findings;
}

const MAX_BYTES = 63;

function longNames(text: string): string[] {
  const names = [...text.matchAll(/"((?:[^"]|"")+)"/g)].map(([, name]) => name!);
  return [...new Set(names.filter((name) => Buffer.byteLength(name) > MAX_BYTES))];
}
