/** What every template can call by name. */

import { RenderFault, typeError, unrendered } from './faults.ts';
import { Given } from './python/arguments.ts';
import { numberOf } from './python/comparing.ts';
import { iterated } from './python/iterating.ts';
import { shown } from './python/showing.ts';
import {
  type CallArguments,
  Callable,
  Dict,
  PyObject,
  Range,
  typeName,
  type Value,
} from './python/values.ts';

const LONGEST_RANGE = 100n;

function range({ plain, named }: CallArguments): Value {
  if (named.size > 0) throw typeError('_check_template_range() got an unexpected keyword argument');
  const bounds = plain.map((value) => {
    const number = numberOf(value);
    if (typeof number === 'bigint') return number;
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  });
  if (bounds.length === 0 || bounds.length > 3) {
    throw typeError(
      `range expected at ${bounds.length ? 'most 3 arguments' : 'least 1 argument'}, got ${bounds.length}`,
    );
  }
  const [start, stop, step = 1n] =
    bounds.length === 1 ? [0n, bounds[0]!] : (bounds as [bigint, bigint, bigint?]);
  if (step === 0n) throw new RenderFault('ValueError', 'range() arg 3 must not be zero');
  const way = step > 0n ? stop - start : start - stop;
  const size = step > 0n ? step : -step;
  if (way > 0n && (way + size - 1n) / size > LONGEST_RANGE) {
    throw new RenderFault(
      'OverflowError',
      `Range too big. The sandbox blocks ranges larger than MAX_TEMPLATE_RANGE=${LONGEST_RANGE}.`,
    );
  }
  return new Range([start, stop, step]);
}

function members({ plain, named }: CallArguments): [Value, Value][] {
  const [first, ...more] = plain;
  if (more.length > 0) throw typeError(`dict expected at most 1 argument, got ${plain.length}`);
  const pairs: [Value, Value][] = [];
  if (first instanceof Dict) pairs.push(...first.entries);
  else if (first !== undefined) {
    for (const pair of iterated(first)) {
      const [key, value, ...rest] = iterated(pair);
      if (key === undefined || value === undefined || rest.length > 0)
        throw unrendered('dicts of such pairs');
      pairs.push([key, value]);
    }
  }
  return [...pairs, ...named];
}

/** Members that can be set: `{% set ns.x = 1 %}`. */
export class Namespace extends PyObject {
  readonly type = 'Namespace';
  private readonly values: Dict;

  constructor(values: Dict) {
    super();
    this.values = values;
  }

  override member(name: string): Value | undefined {
    return this.values.get(name);
  }

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }
}

class Cycler extends PyObject {
  readonly type = 'Cycler';
  private readonly items: Value[];
  private at = 0;

  constructor(items: Value[]) {
    super();
    this.items = items;
  }

  override member(name: string): Value | undefined {
    if (name === 'current') return this.items[this.at]!;
    if (name === 'next') {
      return new Callable(() => {
        const item = this.items[this.at]!;
        this.at = (this.at + 1) % this.items.length;
        return item;
      });
    }
    if (name !== 'reset') return undefined;
    return new Callable(() => {
      this.at = 0;
      return null;
    });
  }
}

function cycler({ plain }: CallArguments): Value {
  if (plain.length === 0) throw new RenderFault('RuntimeError', 'at least one item has to be provided');
  return new Cycler(plain);
}

function joiner(args: CallArguments): Value {
  const by = shown(new Given('joiner', args, ['sep']).value('sep', ', '));
  let isFirst = true;
  return new Callable(() => {
    if (!isFirst) return by;
    isFirst = false;
    return '';
  });
}

export const GLOBALS: Record<string, Callable> = {
  range: new Callable(range),
  dict: new Callable((args) => new Dict(members(args))),
  namespace: new Callable((args) => new Namespace(new Dict(members(args)))),
  cycler: new Callable(cycler),
  joiner: new Callable(joiner),
  lipsum: new Callable(() => {
    throw unrendered('lipsum');
  }),
};
