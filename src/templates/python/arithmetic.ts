import type { Budget } from '../budget.ts';
import { RenderFault, typeError, unrendered } from '../faults.ts';
import type { BinaryKind } from '../read/tree.ts';
import { numberOf } from './comparing.ts';
import { percentFormat } from './formatting.ts';
import { List, Markup, PyObject, Tuple, typeName, Undefined, type Value } from './values.ts';

const SIGNS: Record<BinaryKind, string> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  floordiv: '//',
  mod: '%',
  pow: '** or pow()',
};

/** Longer than any that people reckon with, short enough to be made at once. */
const MOST_BITS = 20_000;

export function reckon(kind: BinaryKind, left: Value, right: Value, budget: Budget): Value {
  if (left instanceof Undefined) throw left.fault;
  if (kind === 'mod' && typeof left === 'string') return percentFormat(left, right, budget);
  if (right instanceof Undefined) throw right.fault;
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return ofNumbers(kind, a, b, budget);
  if (left instanceof Markup || right instanceof Markup) throw unrendered('reckoning with escaped text');
  const made =
    kind === 'add' ? joined(left, right, budget) : kind === 'mul' ? repeated(left, right, budget) : undefined;
  if (made !== undefined) return made;
  throw typeError(
    `unsupported operand type(s) for ${SIGNS[kind]}: '${typeName(left)}' and '${typeName(right)}'`,
  );
}

function joined(left: Value, right: Value, budget: Budget): Value | undefined {
  if (typeof left === 'string') {
    if (typeof right === 'string') return budget.text(left + right);
    throw typeError(`can only concatenate str (not "${typeName(right)}") to str`);
  }
  for (const kind of [List, Tuple]) {
    if (!(left instanceof kind)) continue;
    if (right instanceof kind) return new kind(budget.items([...left.items, ...right.items]));
    throw typeError(`can only concatenate ${left.type} (not "${typeName(right)}") to ${left.type}`);
  }
  return undefined;
}

function repeated(left: Value, right: Value, budget: Budget): Value | undefined {
  const [sequence, times] =
    typeof left === 'bigint' || typeof left === 'boolean' ? [right, left] : [left, right];
  const isSequence = typeof sequence === 'string' || sequence instanceof List || sequence instanceof Tuple;
  if (!isSequence) return undefined;
  if (typeof times !== 'bigint' && typeof times !== 'boolean') {
    throw typeError(`can't multiply sequence by non-int of type '${typeName(times)}'`);
  }
  const count = Math.max(Number(times), 0);
  if (typeof sequence === 'string') {
    budget.takeText(sequence.length * count);
    return sequence.repeat(count);
  }
  budget.take(sequence.items.length * count);
  const items = Array.from({ length: count }, () => sequence.items).flat();
  return sequence instanceof List ? new List(items) : new Tuple(items);
}

/** What reckoning with numbers of many digits counts as. */
const LONG_STEPS = 500;
const isLong = (value: bigint | number): boolean =>
  typeof value === 'bigint' && BigInt.asIntN(128, value) !== value;

function ofNumbers(kind: BinaryKind, a: bigint | number, b: bigint | number, budget: Budget): Value {
  if (isLong(a) || isLong(b)) budget.take(LONG_STEPS);
  if (kind === 'pow') return power(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return ofWholes(kind, a, b);
  const [x, y] = [Number(a), Number(b)];
  if (kind === 'add') return x + y;
  if (kind === 'sub') return x - y;
  if (kind === 'mul') return x * y;
  if (y === 0) {
    const message = {
      div: 'float division by zero',
      floordiv: 'float floor division by zero',
      mod: 'float modulo',
    };
    throw new RenderFault('ZeroDivisionError', message[kind]);
  }
  if (kind === 'div') return x / y;
  const rest = x % y;
  const isOtherSide = rest !== 0 && rest < 0 !== y < 0;
  if (kind === 'mod') return isOtherSide ? rest + y : rest;
  return Math.round((x - (isOtherSide ? rest + y : rest)) / y);
}

function ofWholes(kind: Exclude<BinaryKind, 'pow'>, a: bigint, b: bigint): Value {
  if (kind === 'add') return bounded(a + b);
  if (kind === 'sub') return bounded(a - b);
  if (kind === 'mul') return bounded(a * b);
  if (b === 0n) {
    const message = {
      div: 'division by zero',
      floordiv: 'integer division or modulo by zero',
      mod: 'integer modulo by zero',
    };
    throw new RenderFault('ZeroDivisionError', message[kind]);
  }
  if (kind === 'div') return divided(a, b);
  const rest = a % b;
  const isOtherSide = rest !== 0n && rest < 0n !== b < 0n;
  if (kind === 'mod') return isOtherSide ? rest + b : rest;
  return isOtherSide ? a / b - 1n : a / b;
}

function divided(a: bigint, b: bigint): number {
  const isExact = (value: bigint) => BigInt.asIntN(54, value) === value;
  if (isExact(a) && isExact(b)) return Number(a) / Number(b);
  throw unrendered('fractions of very long numbers');
}

function power(a: bigint | number, b: bigint | number): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint' && b >= 0n) {
    const bits = BigInt(a.toString(2).length) * b;
    const isSmall = a === 0n || a === 1n || a === -1n;
    if (!isSmall && bits > MOST_BITS) throw unrendered('numbers that long');
    return a ** (isSmall && b > 2n ? (b % 2n === 0n ? 2n : 3n) : b);
  }
  const [x, y] = [Number(a), Number(b)];
  if (x === 0 && y < 0) {
    throw new RenderFault('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  }
  const made = x ** y;
  if (Number.isNaN(made)) throw unrendered('complex numbers');
  if (!Number.isFinite(made) && Number.isFinite(x)) {
    throw unrendered('numbers that large');
  }
  return made;
}

function bounded(value: bigint): bigint {
  if (BigInt.asIntN(MOST_BITS, value) !== value) throw unrendered('numbers that long');
  return value;
}

export function signed(kind: 'neg' | 'pos', value: Value): Value {
  if (value instanceof Undefined) throw value.fault;
  const number = numberOf(value);
  if (number === undefined || value instanceof PyObject) {
    throw typeError(`bad operand type for unary ${kind === 'neg' ? '-' : '+'}: '${typeName(value)}'`);
  }
  return kind === 'neg' ? -number : number;
}
