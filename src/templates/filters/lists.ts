/** Jinja's filters of lists and dicts. */

import { typeError, unrendered } from '../faults.ts';
import { Given } from '../python/arguments.ts';
import { reckon } from '../python/arithmetic.ts';
import { compare, isEqual } from '../python/comparing.ts';
import { iterated } from '../python/iterating.ts';
import { shown } from '../python/showing.ts';
import { Dict, Generator, List, Markup, Tuple, typeName, Undefined, type Value } from '../python/values.ts';
import type { Filter, FilterContext } from './filter.ts';
import { counted, type Pick, picker } from './picking.ts';

const folded = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value);

const keyed = (given: Given, context: FilterContext): Pick => {
  const pick = picker(given.value('attribute', null), context);
  return given.isTrue('case_sensitive') ? pick : (item) => folded(pick(item));
};

function sorted(items: readonly Value[], key: Pick, isReversed: boolean): Value[] {
  const keys = items.map((item) => [key(item), item] as const);
  keys.sort(([one], [other]) => (isReversed ? compare(other, one) : compare(one, other)));
  return keys.map(([, item]) => item);
}

const sort: Filter = (value, args, context) => {
  const given = new Given('sort', args, ['reverse', 'case_sensitive', 'attribute']);
  const attribute = given.value('attribute', null);
  if (typeof attribute === 'string' && attribute.includes(','))
    throw unrendered('sort by several attributes');
  return new List(sorted(counted(value, context), keyed(given, context), given.isTrue('reverse')));
};

const extreme =
  (wanted: 1 | -1): Filter =>
  (value, args, context) => {
    const given = new Given('min', args, ['case_sensitive', 'attribute']);
    const key = keyed(given, context);
    const [first, ...others] = counted(value, context);
    if (first === undefined) return new Undefined('No aggregated item, sequence was empty.');
    const beats = (one: Value, other: Value) =>
      Math.sign(compare(key(one), key(other), wanted < 0 ? '<' : '>')) === wanted;
    return others.reduce((best: Value, item) => (beats(item, best) ? item : best), first);
  };

const first: Filter = (value) => {
  const found = value instanceof Generator ? value.next() : iterated(value)[0];
  return found === undefined ? new Undefined('No first item, sequence was empty.') : found;
};

const last: Filter = (value) => {
  if (value instanceof Generator) throw typeError("'generator' object is not reversible");
  const found = iterated(value).at(-1);
  return found === undefined ? new Undefined('No last item, sequence was empty.') : found;
};

const join: Filter = (value, args, context) => {
  const given = new Given('join', args, ['d', 'attribute']);
  const by = given.value('d', '');
  const texts = counted(value, context).map(picker(given.value('attribute', null), context));
  if (by instanceof Markup || texts.some((one) => one instanceof Markup))
    throw unrendered('joined escaped text');
  return context.budget.text(texts.map(shown).join(shown(by)));
};

const reverse: Filter = (value, _args, context) => {
  if (typeof value === 'string') return [...value].reverse().join('');
  const items = [...counted(value, context)].reverse();
  return new Generator(() => items);
};

const unique: Filter = (value, args, context) => {
  const key = keyed(new Given('unique', args, ['case_sensitive', 'attribute']), context);
  const seen = new Dict();
  const isFirst = (item: Value) => {
    const isNew = seen.get(key(item)) === undefined;
    seen.set(key(item), true);
    return isNew;
  };
  return new Generator(() => counted(value, context).filter(isFirst));
};

const sum: Filter = (value, args, context) => {
  const given = new Given('sum', args, ['attribute', 'start']);
  const items = counted(value, context).map(picker(given.value('attribute', null), context));
  return items.reduce((all, item) => reckon('add', all, item, context.budget), given.value('start', 0n));
};

const dictsort: Filter = (value, args) => {
  const given = new Given('dictsort', args, ['case_sensitive', 'by', 'reverse']);
  if (!(value instanceof Dict)) throw unrendered(`dictsort of a ${typeName(value)}`);
  const at = { key: 0, value: 1 }[given.text('by', 'key')];
  if (at === undefined) throw typeError('You can only sort by either "key" or "value"');
  const part = (pair: Value) => (pair as Tuple).items[at]!;
  const key: Pick = given.isTrue('case_sensitive') ? part : (pair) => folded(part(pair));
  return new List(
    sorted(
      value.entries.map((entry) => new Tuple(entry)),
      key,
      given.isTrue('reverse'),
    ),
  );
};

const groupby: Filter = (value, args, context) => {
  const given = new Given('groupby', args, ['attribute', 'default', 'case_sensitive']);
  const fallback = given.has('default') ? given.value('default', null) : undefined;
  const pick = picker(given.needed('attribute'), context, fallback);
  const key: Pick = given.isTrue('case_sensitive') ? pick : (item) => folded(pick(item));
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sorted(counted(value, context), key, false)) {
    const group = groups.at(-1);
    if (group && isEqual(group.key, key(item))) group.items.push(item);
    else groups.push({ key: key(item), items: [item] });
  }
  return new List(groups.map(({ items }) => new Tuple([pick(items[0]!), new List(items)])));
};

export const LIST_FILTERS: Record<string, Filter> = {
  sort,
  min: extreme(-1),
  max: extreme(1),
  first,
  last,
  join,
  reverse,
  unique,
  sum,
  dictsort,
  groupby,
  list: (value, _args, context) => new List(counted(value, context)),
  items: (value) =>
    new Generator(() => {
      if (value instanceof Undefined) return [];
      if (!(value instanceof Dict)) throw typeError('Can only get item pairs from a mapping.');
      return value.entries.map((entry) => new Tuple(entry));
    }),
};
