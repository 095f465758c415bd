/** Jinja's filters that give some of the items of a list, or something of each. */

import { typeError, unrendered } from '../faults.ts';
import { Given, plainText } from '../python/arguments.ts';
import { type CallArguments, Generator, isTrue, List, type Value } from '../python/values.ts';
import type { Filter } from './filter.ts';
import { counted, type Pick, picker } from './picking.ts';

const rest = ({ plain, named }: CallArguments, skip: number): CallArguments => ({
  plain: plain.slice(skip),
  named,
});

const map: Filter = (value, args, context) => {
  const mapped = (pick: Pick) => new Generator(() => counted(value, context).map(pick));
  if (args.plain.length === 0 && args.named.has('attribute')) {
    const given = new Given('map', args, ['attribute', 'default']);
    const fallback = given.has('default') ? given.value('default', null) : undefined;
    return mapped(picker(given.needed('attribute'), context, fallback));
  }
  if (args.plain.length === 0) throw typeError('map requires a filter argument');
  const name = plainText(args.plain[0]!);
  return mapped((item) => context.filter(name, item, rest(args, 1)));
};

/** `select`, `reject`, `selectattr` and `rejectattr`. */
const choosing =
  (wanted: boolean, byAttribute: boolean): Filter =>
  (value, args, context) => {
    const skip = byAttribute ? 1 : 0;
    if (args.plain.length < skip) throw typeError('Missing parameter for attribute name');
    const pick = byAttribute ? picker(args.plain[0]!, context) : (item: Value) => item;
    const test = args.plain[skip];
    const isChosen = (item: Value) =>
      test === undefined
        ? isTrue(pick(item))
        : context.test(plainText(test), pick(item), rest(args, skip + 1));
    return new Generator(() => counted(value, context).filter((item) => isChosen(item) === wanted));
  };

const batch: Filter = (value, args, context) => {
  const given = new Given('batch', args, ['linecount', 'fill_with']);
  const size = given.whole('linecount');
  if (size < 1) throw unrendered('batches that small');
  const fill = given.value('fill_with', null);
  return new Generator(() => {
    const items = counted(value, context);
    const batches = Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
      items.slice(i * size, (i + 1) * size),
    );
    if (fill === null) return batches.map((one) => new List(one));
    context.budget.take(size);
    return batches.map((one) => new List([...one, ...Array<Value>(size - one.length).fill(fill)]));
  });
};

const slice: Filter = (value, args, context) => {
  const given = new Given('slice', args, ['slices', 'fill_with']);
  const count = given.whole('slices');
  if (count < 1 || count > 1000) throw unrendered('that many slices');
  const fill = given.value('fill_with', null);
  return new Generator(() => {
    const items = counted(value, context);
    const [size, longer] = [Math.floor(items.length / count), items.length % count];
    return Array.from({ length: count }, (_, i) => {
      const start = i * size + Math.min(i, longer);
      const part = items.slice(start, start + size + (i < longer ? 1 : 0));
      return new List(fill !== null && i >= longer ? [...part, fill] : part);
    });
  });
};

export const CHOOSING_FILTERS: Record<string, Filter> = {
  map,
  select: choosing(true, false),
  reject: choosing(false, false),
  selectattr: choosing(true, true),
  rejectattr: choosing(false, true),
  batch,
  slice,
};
