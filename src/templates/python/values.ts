/** The values of a template. A whole number is a bigint, any other a number; a text is a string. */
import { RenderFault, Unrendered, unrendered } from '../faults.ts';

export type Value = null | boolean | bigint | number | string | PyObject;

export interface CallArguments {
  plain: Value[];
  named: Map<string, Value>;
}

/** Anything that isn't a plain value; with the name that Python has for its kind. */
export abstract class PyObject {
  abstract readonly type: string;
  weight = 1;

  /** A member that a template may read; undefined when there is none. */
  member(_name: string): Value | undefined {
    return undefined;
  }
}

/** How much there is to a value: what goes through all of it takes as long. */
export function weightOf(value: Value): number {
  if (typeof value === 'string') return 1 + value.length / 10;
  return value instanceof PyObject ? value.weight : 1;
}

const MOST_WEIGHT = 100_000;

/** A list of a few lists of a few lists is soon more than can be shown. */
function summed(values: readonly Value[], before = 1): number {
  const weight = values.reduce((sum: number, value) => sum + weightOf(value), before);
  if (weight > MOST_WEIGHT) throw new Unrendered('The template makes lists that are too large.');
  return weight;
}

class Sequence extends PyObject {
  readonly type: string = 'sequence';
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
    this.weight = summed(items);
  }
}

export class List extends Sequence {
  override readonly type = 'list';
}

export class Tuple extends Sequence {
  override readonly type = 'tuple';
}

export class Dict extends PyObject {
  readonly type = 'dict';
  private readonly members = new Map<string | number | bigint, [key: Value, value: Value]>();

  constructor(members: Iterable<readonly [Value, Value]> = []) {
    super();
    for (const [key, value] of members) this.set(key, value);
  }

  set(key: Value, value: Value): void {
    const place = keyOf(key);
    this.weight = summed([key, value], this.weight);
    this.members.set(place, [this.members.get(place)?.[0] ?? key, value]);
  }

  get(key: Value): Value | undefined {
    return this.members.get(keyOf(key))?.[1];
  }

  get entries(): [key: Value, value: Value][] {
    return [...this.members.values()];
  }

  get size(): number {
    return this.members.size;
  }
}

/** Numbers that are equal are the same key, true and 1 as well. */
function keyOf(key: Value): string | number | bigint {
  if (typeof key === 'string') return `'${key}`;
  if (typeof key === 'bigint') return key;
  if (typeof key === 'boolean') return key ? 1n : 0n;
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key;
  if (key === null) return 'None';
  if (key instanceof Tuple) return `(${key.items.map((item) => `${typeof item} ${keyOf(item)}`).join()})`;
  if (key instanceof Undefined) throw unrendered('undefined names as keys');
  throw new RenderFault('TypeError', `unhashable type: '${typeName(key)}'`);
}

export class Range extends PyObject {
  readonly type = 'range';
  readonly bounds: readonly [start: bigint, stop: bigint, step: bigint];

  constructor(bounds: Range['bounds']) {
    super();
    this.bounds = bounds;
  }

  get items(): bigint[] {
    const [start, stop, step] = this.bounds;
    const items: bigint[] = [];
    for (let at = start; step > 0n ? at < stop : at > stop; at += step) items.push(at);
    return items;
  }
}

/** The keys, values or items of a dict. */
export class View extends Sequence {
  override readonly type: string;

  constructor(of: 'keys' | 'values' | 'items', items: readonly Value[]) {
    super(items);
    this.type = `dict_${of}`;
  }
}

/** What `map` and its like give: made when it is wanted, and gone through once. */
export class Generator extends PyObject {
  readonly type = 'generator';
  private readonly make: () => readonly Value[];
  private left: readonly Value[] | undefined;

  constructor(make: () => readonly Value[]) {
    super();
    this.make = make;
  }

  take(): readonly Value[] {
    const items = this.left ?? this.make();
    this.left = [];
    summed(items);
    return items;
  }

  next(): Value | undefined {
    const [first, ...rest] = this.take();
    this.left = rest;
    return first;
  }
}

/** A name that stands for nothing. It shows as nothing; to reckon with it is an error. */
export class Undefined extends PyObject {
  readonly type = 'ChainableUndefined';
  readonly fault: RenderFault;

  constructor(message: string, fault: 'UndefinedError' | 'SecurityError' = 'UndefinedError') {
    super();
    this.fault = new RenderFault(fault, message);
  }
}

export class Callable extends PyObject {
  readonly type: string = 'function';
  readonly call: (args: CallArguments) => Value;

  constructor(call: Callable['call']) {
    super();
    this.call = call;
  }
}

/** A text that is safe to stand in HTML as it is. */
export class Markup extends PyObject {
  readonly type = 'Markup';
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
    this.weight = weightOf(text);
  }
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (value instanceof PyObject) return value.type;
  return { boolean: 'bool', bigint: 'int', number: 'float', string: 'str' }[
    typeof value as 'boolean' | 'bigint' | 'number' | 'string'
  ];
}

export function isTrue(value: Value): boolean {
  if (value instanceof Undefined) return false;
  if (value instanceof Markup) return value.text !== '';
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof List || value instanceof Tuple || value instanceof View) return value.items.length > 0;
  if (value instanceof Range) return value.items.length > 0;
  return value instanceof PyObject || Boolean(value);
}
