/** Reads what may follow a value: members, subscripts, calls, filters and tests. */
import type { Cursor } from './cursor.ts';
import { readExpression } from './expressions.ts';
import { integerOf } from './literals.ts';
import { readPrimary } from './primary.ts';
import type { Arguments, Expression, Slice } from './tree.ts';

export function readPostfix(at: Cursor, base: Expression): Expression {
  let expression = base;
  for (;;) {
    if (at.is('.')) expression = readMember(at, expression);
    else if (at.is('[')) expression = readSubscript(at, expression);
    else if (at.is('(')) expression = { kind: 'call', of: expression, args: readArguments(at) };
    else return expression;
  }
}

function readMember(at: Cursor, of: Expression): Expression {
  at.take();
  const { type, value, line } = at.take();
  if (type !== 'name' && type !== 'integer') at.fail('expected name or number', line);
  return type === 'name'
    ? { kind: 'getattr', of, name: value }
    : { kind: 'getitem', of, key: { kind: 'const', value: integerOf(value, line) } };
}

function readSubscript(at: Cursor, of: Expression): Expression {
  at.take();
  const keys: (Expression | Slice)[] = [];
  for (let isFirst = true; !at.is(']'); isFirst = false) {
    if (!isFirst) at.expect(',');
    keys.push(readSlice(at));
  }
  at.expect(']');
  const key = keys.length === 1 ? keys[0]! : { kind: 'tuple' as const, parts: keys as Expression[] };
  return { kind: 'getitem', of, key };
}

/** An expression, or up to three with colons between them. */
function readSlice(at: Cursor): Expression | Slice {
  const first = at.is(':') ? undefined : readExpression(at);
  if (first && !at.is(':')) return first;
  const bounds = [first];
  for (let colons = 0; colons < 2 && at.skip(':'); colons++) {
    bounds.push(at.is(']') || at.is(',') || at.is(':') ? undefined : readExpression(at));
  }
  return { kind: 'slice', bounds };
}

/** Plain ones first, then named ones, `*` and `**` in their places. */
function readArguments(at: Cursor): Arguments {
  const { line } = at.expect('(');
  const read: Arguments = { plain: [], named: [] };
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
      read.plain.push({ value: readExpression(at), isSpread: true });
    } else if (at.skip('**')) {
      ensure(!seen.stars);
      seen.stars = true;
      read.named.push({ name: null, value: readExpression(at) });
    } else if (at.is('name') && at.look(1).type === '=') {
      ensure(!seen.stars);
      seen.named = true;
      const { value: name } = at.take();
      at.take();
      read.named.push({ name, value: readExpression(at) });
    } else {
      ensure(!seen.named && !seen.star && !seen.stars);
      read.plain.push({ value: readExpression(at), isSpread: false });
    }
  }
  at.expect(')');
  return read;
}

const none = (): Arguments => ({ plain: [], named: [] });

export function readFiltersAndTests(at: Cursor, base: Expression): Expression {
  let expression = base;
  for (;;) {
    if (at.is('|')) expression = readFilters(at, expression);
    else if (at.skipName('is')) expression = readTest(at, expression);
    else if (at.is('(')) expression = { kind: 'call', of: expression, args: readArguments(at) };
    else return expression;
  }
}

function readDottedName(at: Cursor): string {
  let name = at.expect('name').value;
  while (at.skip('.')) name += `.${at.expect('name').value}`;
  return name;
}

/** Those after `|`; the first without it where a filter block begins. */
export function readFilters(at: Cursor, base: Expression, isBlock = false): Expression {
  let of = base;
  for (let isFirst = isBlock; isFirst || at.skip('|'); isFirst = false) {
    const name = readDottedName(at);
    of = { kind: 'filter', of, name, args: at.is('(') ? readArguments(at) : none() };
  }
  return of;
}

const BEGINS_ARGUMENT = new Set(['name', 'string', 'integer', 'float', '[', '{']);

function readTest(at: Cursor, of: Expression): Expression {
  const isNegated = at.skipName('not');
  const name = readDottedName(at);
  let args = none();
  if (at.is('(')) args = readArguments(at);
  else if (BEGINS_ARGUMENT.has(at.look().type) && !at.isName('else', 'or', 'and')) {
    if (at.isName('is')) at.fail('You cannot chain multiple tests with is');
    args.plain.push({ value: readPostfix(at, readPrimary(at, false)), isSpread: false });
  }
  const test: Expression = { kind: 'test', of, name, args };
  return isNegated ? { kind: 'not', of: test } : test;
}
