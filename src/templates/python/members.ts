/** What `a.b` and `a[b]` are. Only what stands in these tables can be reached: nothing of JavaScript's own. */

import type { Budget } from '../budget.ts';
import { RenderFault, typeError, unrendered } from '../faults.ts';
import { Given } from './arguments.ts';
import { isEqual, numberOf } from './comparing.ts';
import { written } from './showing.ts';
import { type Method, TEXT_METHODS } from './text-methods.ts';
import {
  Callable,
  Dict,
  List,
  Markup,
  PyObject,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
  View,
} from './values.ts';

const view = (of: 'keys' | 'values' | 'items', pick: (entry: [Value, Value]) => Value) => (self: Dict) =>
  new View(of, self.entries.map(pick));

const DICT_METHODS: Record<string, Method<Dict>> = {
  get: (self, args) => {
    const given = new Given('get', args, ['key', 'default']);
    return self.get(given.needed('key')) ?? given.value('default', null);
  },
  keys: view('keys', ([key]) => key),
  values: view('values', ([, value]) => value),
  items: view('items', (entry) => new Tuple(entry)),
  copy: (self) => new Dict(self.entries),
};

const LIST_METHODS: Record<string, Method<List | Tuple | Range>> = {
  index: (self, args) => {
    const wanted = new Given('index', args, ['value']).needed('value');
    const at = self.items.findIndex((item) => isEqual(item, wanted));
    if (at < 0) throw new RenderFault('ValueError', `${written(wanted)} is not in ${self.type}`);
    return BigInt(at);
  },
  count: (self, args) => {
    const wanted = new Given('count', args, ['value']).needed('value');
    return BigInt(self.items.filter((item) => isEqual(item, wanted)).length);
  },
};

/** What would change a value, which the sandbox forbids. */
const CHANGES: Record<string, readonly string[]> = {
  list: ['append', 'clear', 'pop', 'reverse', 'insert', 'sort', 'extend', 'remove'],
  dict: ['clear', 'pop', 'popitem', 'setdefault', 'update'],
};

/** What Python has and these tables have not. */
const OTHERS: Record<string, string> = {
  str: 'casefold encode expandtabs format_map isascii isdecimal isidentifier islower isnumeric isprintable istitle isupper maketrans partition rindex rpartition rsplit swapcase translate',
  list: 'copy',
  dict: 'fromkeys',
  range: 'start stop step',
  int: 'as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer numerator real to_bytes',
  float: 'as_integer_ratio conjugate fromhex hex imag is_integer real',
};

const INTERNAL =
  /^__(?:class|delattr|dir|doc|eq|format|ge|getattribute|getstate|gt|hash|init|init_subclass|le|lt|ne|new|reduce|reduce_ex|repr|setattr|sizeof|str|subclasshook|len|iter|contains|getitem|add|mul|bool|dict|module|call|globals|code|closure|defaults|name|qualname|self)__$/;

const objectName = (value: Value): string => (value === null ? 'None' : `${typeName(value)} object`);

/** The method or member of this name that Python's kind of value has. */
function ownMember(of: Value, name: string, budget: Budget): Value | undefined {
  const bind = <T>(table: Record<string, Method<T>>, self: T) => {
    const method = Object.hasOwn(table, name) ? table[name] : undefined;
    return method && new Callable((args) => method(self, args, budget));
  };
  if (INTERNAL.test(name)) return unsafe(of, name);
  const type = typeName(of);
  if (CHANGES[type]?.includes(name)) return unsafe(of, name);
  if (of instanceof Markup) throw unrendered('members of escaped text');
  const found =
    typeof of === 'string'
      ? bind(TEXT_METHODS, of)
      : of instanceof Dict
        ? bind(DICT_METHODS, of)
        : of instanceof List || of instanceof Tuple || of instanceof Range
          ? bind(LIST_METHODS, of)
          : of instanceof PyObject
            ? of.member(name)
            : undefined;
  if (found === undefined && OTHERS[type]?.split(' ').includes(name)) throw unrendered(`${type}.${name}`);
  return found;
}

function unsafe(of: Value, name: string): Undefined {
  return new Undefined(
    `access to attribute '${name}' of '${typeName(of)}' object is unsafe.`,
    'SecurityError',
  );
}

/** `a.name`: a member of its kind, or what it holds under the name. */
export function memberOf(of: Value, name: string, budget: Budget): Value {
  if (of instanceof Undefined) return of;
  return (
    ownMember(of, name, budget) ??
    (of instanceof Dict ? of.get(name) : undefined) ??
    new Undefined(`'${objectName(of)}' has no attribute '${name}'`)
  );
}

/** `a[key]`: what it holds there, or a member of its kind. */
export function itemOf(of: Value, key: Value, budget: Budget): Value {
  if (of instanceof Undefined) return of;
  if (key instanceof Undefined) throw key.fault;
  const found = held(of, key);
  if (found !== undefined) return found;
  if (typeof key !== 'string') return new Undefined(`${objectName(of)} has no element ${written(key)}`);
  return ownMember(of, key, budget) ?? new Undefined(`'${objectName(of)}' has no attribute '${key}'`);
}

function held(of: Value, key: Value): Value | undefined {
  if (of instanceof Dict) return of.get(key);
  const at = numberOf(key);
  if (typeof at !== 'bigint') return undefined;
  const items = sequence(of);
  return items?.at(Number(at));
}

/** The parts that a sequence can be cut into. */
function sequence(of: Value): readonly Value[] | undefined {
  if (typeof of === 'string') return [...of];
  return of instanceof List || of instanceof Tuple || of instanceof Range ? of.items : undefined;
}

/** `a[start:stop:step]`. */
export function slice(of: Value, bounds: (Value | undefined)[]): Value {
  if (of instanceof Undefined) return of;
  const items = sequence(of);
  if (!items || of instanceof Range) throw unrendered(`parts of a ${typeName(of)}`);
  const [first, last, step = 1] = bounds.map((bound) => {
    if (bound === undefined || bound === null) return undefined;
    const number = numberOf(bound);
    if (typeof number !== 'bigint') {
      throw typeError('slice indices must be integers or None or have an __index__ method');
    }
    return Number(number);
  });
  if (step === 0) throw new RenderFault('ValueError', 'slice step cannot be zero');
  const picked: Value[] = [];
  const [low, high] = step > 0 ? [0, items.length] : [-1, items.length - 1];
  const within = (bound: number | undefined, otherwise: number) =>
    bound === undefined ? otherwise : Math.min(Math.max(bound < 0 ? bound + items.length : bound, low), high);
  const [start, stop] = [within(first, step > 0 ? low : high), within(last, step > 0 ? high : low)];
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) picked.push(items[at]!);
  if (typeof of === 'string') return picked.join('');
  return of instanceof Tuple ? new Tuple(picked) : new List(picked);
}
