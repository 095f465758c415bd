/** Jinja's filters of texts, and of values whatever they are. */

import { typeError, unrendered } from '../faults.ts';
import { Given, plainText } from '../python/arguments.ts';
import { percentFormat } from '../python/formatting.ts';
import { itemsOf } from '../python/iterating.ts';
import { itemOf } from '../python/members.ts';
import { shown } from '../python/showing.ts';
import { capitalized, centred, replaced } from '../python/text-methods.ts';
import { jsonOf } from '../python/to-json.ts';
import { Dict, Generator, isTrue, List, Markup, Tuple, typeName, Undefined } from '../python/values.ts';
import type { Filter, FilterContext } from './filter.ts';

const onText =
  (change: (text: string) => string): Filter =>
  (value, _args, { budget }) => {
    if (value instanceof Markup) throw unrendered('changes of escaped text');
    return budget.text(change(shown(value)));
  };

const escaped = (text: string): string =>
  text.replace(
    /[&<>'"]/g,
    (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' })[one]!,
  );

const escaping: Filter = (value, _args, { budget }) =>
  value instanceof Markup ? value : new Markup(budget.text(escaped(shown(value))));

/** The search for ends of comments goes back and forth. */
const LONGEST_STRIPPED = 10_000;

function withoutTags(text: string): string {
  if (text.length > LONGEST_STRIPPED) throw unrendered('striptags of texts that long');
  const bare = text.replace(/<!--[\s\S]*?-->|<[^>]*>/g, '');
  return bare.trim().replace(/\s+/g, ' ');
}

const WORD_START = /([-\s({[<]+)/;

const length: Filter = (value) => {
  if (value instanceof Dict) return BigInt(value.size);
  const items = value instanceof Generator ? undefined : itemsOf(value);
  if (!items) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return BigInt(items.length);
};

const fallback: Filter = (value, args) => {
  const given = new Given('default', args, ['default_value', 'boolean']);
  const isMissing = value instanceof Undefined || (given.isTrue('boolean') && !isTrue(value));
  return isMissing ? given.value('default_value', '') : value;
};

const indent: Filter = (value, args, { budget }) => {
  const given = new Given('indent', args, ['width', 'first', 'blank']);
  const width = given.value('width', 4n);
  const by =
    typeof width === 'string' ? width : ' '.repeat(Math.min(Math.max(given.whole('width', 4), 0), 10_000));
  const lines = plainText(value).split('\n');
  budget.takeText(lines.length * by.length);
  const blank = given.isTrue('blank');
  const text = lines.map((line, i) => (i > 0 && (blank || line !== '') ? by + line : line)).join('\n');
  return budget.text(given.isTrue('first') ? by + text : text);
};

const truncate: Filter = (value, args) => {
  const given = new Given('truncate', args, ['length', 'killwords', 'end', 'leeway']);
  const [length, end] = [given.whole('length', 255), given.text('end', '...')];
  const leeway = given.value('leeway', null) === null ? 5 : given.whole('leeway');
  if (value instanceof Undefined) return value;
  const items = itemsOf(value);
  if (!items) throw typeError(`object of type '${typeName(value)}' has no len()`);
  if (items.length <= length + leeway) return value;
  const characters = [...plainText(value)];
  const room = length - [...end].length;
  if (room < 0 || leeway < 0) throw unrendered('texts cut that short');
  const cut = characters.slice(0, room).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return (given.isTrue('killwords') || lastSpace < 0 ? cut : cut.slice(0, lastSpace)) + end;
};

const toJson: Filter = (value, args, { budget }) => {
  const width = new Given('tojson', args, ['indent']).value('indent', null);
  if (width !== null && typeof width !== 'bigint') throw unrendered('such an indent');
  const text = jsonOf(value, width === null ? undefined : Math.min(Math.max(Number(width), 0), 100));
  const safe = text.replace(/[<>&']/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  return new Markup(budget.text(safe));
};

const replace: Filter = (value, args, { budget }) => {
  const given = new Given('replace', args, ['old', 'new', 'count']);
  const count = given.value('count', null) === null ? -1 : given.whole('count');
  if ([value, given.needed('old'), given.needed('new')].some((one) => one instanceof Markup)) {
    throw unrendered('changes of escaped text');
  }
  return replaced(shown(value), shown(given.needed('old')), shown(given.needed('new')), count, budget);
};

const unquoted = /[^A-Za-z0-9_.~/-]/gu;
const percent = (text: string): string =>
  text.replace(unquoted, (one) =>
    [...Buffer.from(one)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );

export const TEXT_FILTERS: Record<string, Filter> = {
  upper: onText((text) => text.toUpperCase()),
  lower: onText((text) => text.toLowerCase()),
  capitalize: onText(capitalized),
  title: onText((text) => text.split(WORD_START).map(capitalized).join('')),
  trim: (value, args, { budget }) => {
    if (new Given('trim', args, ['chars']).value('chars', null) !== null)
      throw unrendered('trim of given characters');
    return onText((text) => text.trim())(value, args, { budget } as FilterContext);
  },
  string: (value) => (value instanceof Markup ? value : shown(value)),
  safe: (value) => (value instanceof Markup ? value : new Markup(shown(value))),
  escape: escaping,
  e: escaping,
  striptags: onText(withoutTags),
  center: (value, args, { budget }) =>
    centred(shown(value), new Given('center', args, ['width']).whole('width', 80), budget),
  indent,
  truncate,
  replace,
  format: (value, { plain, named }, { budget }) => {
    if (named.size > 0) throw unrendered('formats with names');
    return percentFormat(shown(value), new Tuple(plain), budget);
  },
  wordcount: (value) => BigInt(shown(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  urlencode: (value) => {
    if (typeof value === 'string') return percent(value);
    throw unrendered('urlencode of what is no text');
  },
  length,
  count: length,
  default: fallback,
  d: fallback,
  tojson: toJson,
  attr: (value, args, { budget }) => {
    const name = new Given('attr', args, ['name']).text('name');
    if (value instanceof Dict || value instanceof List) throw unrendered('attr of a list or dict');
    return itemOf(value, name, budget);
  },
};
