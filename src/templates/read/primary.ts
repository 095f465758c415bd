/** Reads names, values and what stands in brackets. */
import type { Cursor } from './cursor.ts';
import { readExpression } from './expressions.ts';
import { floatOf, integerOf, textOf } from './literals.ts';
import { describe, quoted, type Token } from './tokens.ts';
import type { Expression } from './tree.ts';

const CONSTANTS: Record<string, boolean | null> = { true: true, false: false, none: null };
const constant = (name: string): boolean | null | undefined =>
  /^[Tt]rue$|^[Ff]alse$|^[Nn]one$/.test(name) ? CONSTANTS[name.toLowerCase()] : undefined;

/** `a.b` too where it names a member of a namespace to assign to. */
export function readPrimary(at: Cursor, withNamespace: boolean): Expression {
  const token = at.look();
  switch (token.type) {
    case 'name':
      return readName(at, withNamespace);
    case 'string':
      return { kind: 'const', value: readTexts(at) };
    case 'integer':
      return { kind: 'const', value: integerOf(at.take().value, token.line) };
    case 'float':
      return { kind: 'const', value: floatOf(at.take().value) };
    case '(':
      return readParentheses(at);
    case '[':
      return { kind: 'list', parts: readItems(at, ']', () => readExpression(at)) };
    case '{':
      return { kind: 'dict', members: readItems(at, '}', () => readMember(at)) };
    default:
      return at.fail(`unexpected ${quoted(describe(token))}`, token.line);
  }
}

function readName(at: Cursor, withNamespace: boolean): Expression {
  const { value: name } = at.take();
  const value = constant(name);
  if (value !== undefined) return { kind: 'const', value };
  at.names.add(name);
  return withNamespace && at.skip('.')
    ? { kind: 'nsref', name, member: at.expect('name').value }
    : { kind: 'name', name };
}

/** Texts that stand side by side are one. */
function readTexts(at: Cursor): string {
  const parts: Token[] = [];
  while (at.is('string')) parts.push(at.take());
  return parts.map(({ value }) => textOf(value)).join('');
}

function readMember(at: Cursor): [Expression, Expression] {
  const key = readExpression(at);
  at.expect(':');
  return [key, readExpression(at)];
}

function readParentheses(at: Cursor): Expression {
  at.take();
  const inside = readTuple(at, { mayBeEmpty: true });
  at.expect(')');
  return inside;
}

/** Between brackets, with a comma after each that isn't the last; after the last one may be, too. */
function readItems<T>(at: Cursor, end: string, readItem: () => T): T[] {
  const items: T[] = [];
  at.take();
  for (let isFirst = true; !at.is(end); isFirst = false) {
    if (!isFirst) at.expect(',');
    if (at.is(end)) break;
    items.push(readItem());
  }
  at.expect(end);
  return items;
}

interface TupleRules {
  readPart?: () => Expression;
  /** A word after which there are no more parts. */
  endsAt?: string | undefined;
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
