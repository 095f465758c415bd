/** Jinja's expressions, read for their form alone: each reader gives back what kind of expression it found. */
import type { Cursor } from './cursor.ts';
import { describe, quoted } from './tokens.ts';

/** The name of the kind in Jinja's messages; a tuple with its parts, which tell whether it can be assigned to. */
export type Expression = { kind: string; parts?: Expression[] };

const CONSTANTS = new Set(['true', 'false', 'none', 'True', 'False', 'None']);

const of = (kind: string): Expression => ({ kind });

/** From the loosest to the tightest, by their operators. */
const MATH: Record<string, string>[] = [
  { '+': 'add', '-': 'sub' },
  { '~': 'concat' },
  { '*': 'mul', '/': 'div', '//': 'floordiv', '%': 'mod' },
  { '**': 'pow' },
];
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

export function readExpression(at: Cursor, withCondition = true): Expression {
  let expression = readLogic(at, ['or', 'and']);
  while (withCondition && at.skipName('if')) {
    readLogic(at, ['or', 'and']);
    if (at.skipName('else')) at.within(() => readExpression(at));
    expression = of('condexpr');
  }
  return expression;
}

function readLogic(at: Cursor, [word, ...tighter]: string[]): Expression {
  if (word === undefined) return readNot(at);
  let expression = readLogic(at, tighter);
  while (at.skipName(word)) {
    readLogic(at, tighter);
    expression = of(word);
  }
  return expression;
}

function readNot(at: Cursor): Expression {
  let isNegated = false;
  while (at.skipName('not')) isNegated = true;
  const expression = readComparison(at);
  return isNegated ? of('not') : expression;
}

function readComparison(at: Cursor): Expression {
  let expression = readMath(at, 0);
  for (;;) {
    if (COMPARISONS.has(at.look().type)) at.take();
    else if (at.isName('not') && at.look(1).type === 'name' && at.look(1).value === 'in') {
      at.take();
      at.take();
    } else if (!at.skipName('in')) return expression;
    readMath(at, 0);
    expression = of('compare');
  }
}

function readMath(at: Cursor, level: number): Expression {
  const operators = MATH[level];
  if (!operators) return at.within(() => readUnary(at, true));
  let expression = readMath(at, level + 1);
  for (let kind = operators[at.look().type]; kind; kind = operators[at.look().type]) {
    at.take();
    readMath(at, level + 1);
    expression = of(kind);
  }
  return expression;
}

function readUnary(at: Cursor, withFilters: boolean): Expression {
  const signs = { '-': 'neg', '+': 'pos' } as Record<string, string>;
  const sign = signs[at.look().type];
  let expression: Expression;
  if (sign) {
    at.take();
    at.within(() => readUnary(at, false));
    expression = of(sign);
  } else expression = readPrimary(at, false);
  expression = readPostfix(at, expression);
  return withFilters ? readFiltersAndTests(at, expression) : expression;
}

/** A name, a value or something in brackets; `a.b` too where it names a member of a namespace to assign to. */
export function readPrimary(at: Cursor, withNamespace: boolean): Expression {
  const token = at.look();
  switch (token.type) {
    case 'name':
      at.take();
      if (CONSTANTS.has(token.value)) return of('const');
      if (!withNamespace || !at.skip('.')) return of('name');
      at.expect('name');
      return of('nsref');
    case 'string':
      while (at.skip('string'));
      return of('const');
    case 'integer':
    case 'float':
      at.take();
      return of('const');
    case '(':
      return readParentheses(at);
    case '[':
      readItems(at, ']', () => readExpression(at));
      return of('list');
    case '{':
      readItems(at, '}', () => {
        readExpression(at);
        at.expect(':');
        readExpression(at);
      });
      return of('dict');
    default:
      return at.fail(`unexpected ${quoted(describe(token))}`, token.line);
  }
}

function readParentheses(at: Cursor): Expression {
  at.take();
  const inside = readTuple(at, { mayBeEmpty: true });
  at.expect(')');
  return inside;
}

/** Between brackets, with a comma after each that isn't the last; after the last one may be, too. */
function readItems(at: Cursor, end: string, readItem: () => void): void {
  at.take();
  for (let isFirst = true; !at.is(end); isFirst = false) {
    if (!isFirst) at.expect(',');
    if (at.is(end)) break;
    readItem();
  }
  at.expect(end);
}

interface TupleRules {
  readPart?: () => Expression;
  /** A word after which there are no more parts. */
  endsAt?: string;
  mayBeEmpty?: boolean;
}

/** Expressions with commas between them are a tuple; one without a comma is itself. */
export function readTuple(at: Cursor, rules: TupleRules = {}): Expression {
  const { readPart = () => readExpression(at), endsAt, mayBeEmpty = false } = rules;
  const isEnd = () =>
    at.is('variable_end') || at.is('block_end') || at.is(')') || (endsAt !== undefined && at.isName(endsAt));
  const parts: Expression[] = [];
  let hasComma = false;
  for (;;) {
    if (parts.length > 0) at.expect(',');
    if (isEnd()) break;
    parts.push(readPart());
    if (!at.is(',')) break;
    hasComma = true;
  }
  if (!hasComma && parts[0]) return parts[0];
  if (!hasComma && !mayBeEmpty) at.fail(`Expected an expression, got ${quoted(describe(at.look()))}`);
  return { kind: 'tuple', parts };
}

export function readPostfix(at: Cursor, base: Expression): Expression {
  let expression = base;
  for (;;) {
    if (at.is('.')) expression = readMember(at);
    else if (at.is('[')) expression = readSubscript(at);
    else if (at.is('(')) expression = readCall(at);
    else return expression;
  }
}

function readMember(at: Cursor): Expression {
  at.take();
  const { type, line } = at.take();
  if (type !== 'name' && type !== 'integer') at.fail('expected name or number', line);
  return of(type === 'name' ? 'getattr' : 'getitem');
}

function readSubscript(at: Cursor): Expression {
  at.take();
  for (let isFirst = true; !at.is(']'); isFirst = false) {
    if (!isFirst) at.expect(',');
    readSlice(at);
  }
  at.expect(']');
  return of('getitem');
}

/** An expression, or up to three with colons between them. */
function readSlice(at: Cursor): void {
  if (!at.is(':')) readExpression(at);
  for (let colons = 0; colons < 2 && at.skip(':'); colons++) {
    if (!at.is(']') && !at.is(',') && !at.is(':')) readExpression(at);
  }
}

function readCall(at: Cursor): Expression {
  readArguments(at);
  return of('call');
}

/** Plain ones first, then named ones, `*` and `**` in their places. */
function readArguments(at: Cursor): void {
  const { line } = at.expect('(');
  const seen = { named: false, star: false, stars: false };
  const ensure = (isFine: boolean) => {
    if (!isFine) at.fail('invalid syntax for function call expression', line);
  };
  for (let isFirst = true; !at.is(')'); isFirst = false) {
    if (!isFirst) at.expect(',');
    if (at.is(')')) break;
    if (at.skip('*')) {
      ensure(!seen.star && !seen.stars);
      seen.star = true;
    } else if (at.skip('**')) {
      ensure(!seen.stars);
      seen.stars = true;
    } else if (at.is('name') && at.look(1).type === '=') {
      ensure(!seen.stars);
      seen.named = true;
      at.take();
      at.take();
    } else ensure(!seen.named && !seen.star && !seen.stars);
    readExpression(at);
  }
  at.expect(')');
}

function readFiltersAndTests(at: Cursor, base: Expression): Expression {
  let expression = base;
  for (;;) {
    if (at.is('|')) expression = readFilters(at, expression);
    else if (at.skipName('is')) expression = readTest(at);
    else if (at.is('(')) expression = readCall(at);
    else return expression;
  }
}

const readDottedName = (at: Cursor): void => {
  at.expect('name');
  while (at.skip('.')) at.expect('name');
};

/** Those after `|`; the first without it where a filter block begins. */
export function readFilters(at: Cursor, base: Expression, isBlock = false): Expression {
  let expression = base;
  for (let isFirst = isBlock; isFirst || at.skip('|'); isFirst = false) {
    readDottedName(at);
    if (at.is('(')) readArguments(at);
    expression = of('filter');
  }
  return expression;
}

const BEGINS_ARGUMENT = new Set(['name', 'string', 'integer', 'float', '[', '{']);

function readTest(at: Cursor): Expression {
  const isNegated = at.skipName('not');
  readDottedName(at);
  if (at.is('(')) readArguments(at);
  else if (BEGINS_ARGUMENT.has(at.look().type) && !at.isName('else', 'or', 'and')) {
    if (at.isName('is')) at.fail('You cannot chain multiple tests with is');
    readPostfix(at, readPrimary(at, false));
  }
  return of(isNegated ? 'not' : 'test');
}
