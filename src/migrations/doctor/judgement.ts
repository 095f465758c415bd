import type { Difference } from '../catalog/diff.ts';
import { type Finding, finding, type Severity } from './findings.ts';

/** What to do about a difference. */
export interface Remedy {
  readonly advice: string;
  readonly fix?: readonly string[];
}

/** A difference as a finding. */
export function judged(difference: Difference, { advice, fix = [] }: Remedy): Finding {
  const { kind, change, expected, found } = difference;
  return finding({
    ...{
      code: `${kind.replace(' ', '_')}.${change}`,
      severity: severityOf(difference),
      expected,
      found,
      fix,
    },
    object: nameOf(difference),
    problem: { missing: 'is missing', extra: 'is no part of the schema', changed: 'is not as it should be' }[
      change
    ],
    advice,
  });
}

function nameOf({ kind, table, name }: Difference): string {
  if (kind === 'table' || table === null) return `${kind} ${name}`;
  return `${kind} ${name} of ${table}`;
}

/** What is too much can only be in the way; an index that isn't there, or isn't right, makes slow, unless it is to forbid. */
function severityOf({ kind, change, expected, found }: Difference): Severity {
  if (kind === 'view') return change === 'extra' ? 'notice' : 'error';
  if (change === 'extra') return 'warning';
  if (kind === 'index') return /: unique index /.test(`${expected} ${found}`) ? 'error' : 'warning';
  if (found !== null && / (not valid|disabled)$/.test(found)) return 'warning';
  return 'error';
}
