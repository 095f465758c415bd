/** Reads Jinja's expressions, from the loosest operator to the tightest. */
import type { Cursor } from './cursor.ts';
import { readFiltersAndTests, readPostfix } from './postfix.ts';
import { readPrimary } from './primary.ts';
import type { BinaryKind, Expression } from './tree.ts';

const MATH: Record<string, BinaryKind | 'concat'>[] = [
  { '+': 'add', '-': 'sub' },
  { '~': 'concat' },
  { '*': 'mul', '/': 'div', '//': 'floordiv', '%': 'mod' },
  { '**': 'pow' },
];
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

export function readExpression(at: Cursor, withCondition = true): Expression {
  let yes = readLogic(at, ['or', 'and']);
  while (withCondition && at.skipName('if')) {
    const test = readLogic(at, ['or', 'and']);
    const no = at.skipName('else') ? at.within(() => readExpression(at)) : undefined;
    yes = { kind: 'condexpr', test, yes, ...(no && { no }) };
  }
  return yes;
}

function readLogic(at: Cursor, [word, ...tighter]: ('or' | 'and')[]): Expression {
  if (word === undefined) return readNot(at);
  let left = readLogic(at, tighter);
  while (at.skipName(word)) left = { kind: word, left, right: readLogic(at, tighter) };
  return left;
}

function readNot(at: Cursor): Expression {
  let negations = 0;
  while (at.skipName('not')) negations++;
  const of = readComparison(at);
  if (negations === 0) return of;
  // Any number of them says no more than one or two.
  const not: Expression = { kind: 'not', of };
  return negations % 2 === 1 ? not : { kind: 'not', of: not };
}

function readComparison(at: Cursor): Expression {
  const of = readMath(at, 0);
  const steps: [string, Expression][] = [];
  for (;;) {
    let operator = at.look().type;
    if (COMPARISONS.has(operator)) at.take();
    else if (at.isName('not') && at.look(1).type === 'name' && at.look(1).value === 'in') {
      at.take();
      at.take();
      operator = 'not in';
    } else if (at.skipName('in')) operator = 'in';
    else return steps.length === 0 ? of : { kind: 'compare', of, steps };
    steps.push([operator, readMath(at, 0)]);
  }
}

function readMath(at: Cursor, level: number): Expression {
  const operators = MATH[level];
  if (!operators) return at.within(() => readUnary(at, true));
  let left = readMath(at, level + 1);
  for (let kind = operators[at.look().type]; kind; kind = operators[at.look().type]) {
    at.take();
    left = { kind, left, right: readMath(at, level + 1) };
  }
  return left;
}

function readUnary(at: Cursor, withFilters: boolean): Expression {
  const kind = ({ '-': 'neg', '+': 'pos' } as const)[at.look().type as '-' | '+'];
  let expression: Expression;
  if (kind) {
    at.take();
    expression = { kind, of: at.within(() => readUnary(at, false)) };
  } else expression = readPrimary(at, false);
  expression = readPostfix(at, expression);
  return withFilters ? readFiltersAndTests(at, expression) : expression;
}
