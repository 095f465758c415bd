/** What the doctor finds, and what it means for whoever asked. */

/**
 * `error`: the server fails or keeps wrong data; `warning`: it is slower or less safe than it should be; `notice`: good
 * to know, and nothing is wrong.
 */
export type Severity = 'error' | 'warning' | 'notice';

export interface Finding {
  /** What kind of thing it is, for programs: `index.missing`, `ledger.ahead`. */
  readonly code: string;
  readonly severity: Severity;
  /** What it is about: `index ix_flow__created of flow`. */
  readonly object: string;
  /** The rest of the sentence: `is missing`. */
  readonly problem: string;
  readonly expected: string | null;
  readonly found: string | null;
  /** What to do: a sentence with a command, or the exact statements. */
  readonly advice: string;
  /** Statements that put it right and can lose nothing, each on its own; empty where a human must decide. */
  readonly fix: readonly string[];
  /** Files that we left behind, and that go for the same reason. */
  readonly files: readonly string[];
}

export interface Diagnosis {
  /** `The SQLite database /data/prefect.db`. */
  readonly place: string;
  /** `PostgreSQL 18.1`. */
  readonly engine: string;
  /** The newest applied revision that this version knows; null for base. */
  readonly revision: string | null;
  /** The gravest first. */
  readonly findings: readonly Finding[];
}

export const isFixable = (finding: Finding): boolean => finding.fix.length > 0 || finding.files.length > 0;

/** Fills in what most findings lack. */
export function finding(
  given: Pick<Finding, 'code' | 'severity' | 'object' | 'problem' | 'advice'> & Partial<Finding>,
): Finding {
  return { expected: null, found: null, fix: [], files: [], ...given };
}

const GRAVITY: readonly Severity[] = ['error', 'warning', 'notice'];

export function bySeverity(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity));
}

const AHEAD = 'ledger.ahead';
const BEHIND = 'ledger.behind';

/** 0 healthy, 5 drift or damage, 3 ahead of the code, 4 behind it; the gravest of these decides. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 3 | 4 | 5 {
  const counts = findings.filter(({ severity }) => severity !== 'notice');
  if (counts.some(({ code }) => code !== AHEAD && code !== BEHIND)) return 5;
  if (counts.some(({ code }) => code === AHEAD)) return 3;
  return counts.some(({ code }) => code === BEHIND) ? 4 : 0;
}
