/** Reads what names are given in: assignments, loops and macros. */
import type { Cursor } from './cursor.ts';
import { readExpression } from './expressions.ts';
import { readPrimary, readTuple } from './primary.ts';
import { quoted } from './tokens.ts';
import type { Expression, Parameter } from './tree.ts';

export function readSignature(at: Cursor): Parameter[] {
  const parameters: Parameter[] = [];
  at.expect('(');
  for (let isFirst = true; !at.is(')'); isFirst = false) {
    if (!isFirst) at.expect(',');
    const { value: name } = at.expect('name');
    if (at.skip('=')) parameters.push({ name, fallback: readExpression(at) });
    else if (parameters.at(-1)?.fallback) at.fail('non-default argument follows default argument');
    else parameters.push({ name });
  }
  at.expect(')');
  return parameters;
}

/** What a value can be given to: names, or some in a tuple. */
export function readTarget(at: Cursor, rules: { withNamespace?: boolean; endsAt?: string }): Expression {
  const { line } = at.look();
  const readPart = () => readPrimary(at, rules.withNamespace ?? false);
  const found = readTuple(at, { readPart, endsAt: rules.endsAt });
  if (!isAssignable(found)) at.fail(`can't assign to ${quoted(found.kind)}`, line);
  return found;
}

function isAssignable(found: Expression): boolean {
  if (found.kind === 'tuple') return found.parts.every(isAssignable);
  return found.kind === 'name' || found.kind === 'nsref';
}
