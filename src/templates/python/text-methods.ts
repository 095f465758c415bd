import type { Budget } from '../budget.ts';
import { RenderFault } from '../faults.ts';
import { Given, plainText } from './arguments.ts';
import { braceFormat } from './formatting.ts';
import { iterated } from './iterating.ts';
import { type CallArguments, List, Tuple, typeName, type Value } from './values.ts';

export type Method<T> = (self: T, args: CallArguments, budget: Budget) => Value;

const WORD = /[\p{L}\p{M}]+/gu;

export const capitalized = (text: string): string => {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
};

const stripped = (start: boolean, end: boolean) => (self: string, args: CallArguments) => {
  const set = new Given('strip', args, ['chars']).value('chars', null);
  if (set === null) return start ? (end ? self.trim() : self.trimStart()) : self.trimEnd();
  const characters = new Set(plainText(set));
  let parts = [...self];
  const isKept = (one: string) => !characters.has(one);
  if (start)
    parts = parts.slice(Math.max(parts.findIndex(isKept), 0) || (parts.some(isKept) ? 0 : parts.length));
  if (end) parts = parts.slice(0, parts.findLastIndex(isKept) + 1);
  return parts.join('');
};

const padded =
  (place: (room: number) => [left: number, right: number]) =>
  (self: string, args: CallArguments, budget: Budget) => {
    const given = new Given('just', args, ['width', 'fillchar']);
    const fill = given.text('fillchar', ' ');
    const room = given.whole('width') - [...self].length;
    if (room <= 0) return self;
    budget.takeText(room);
    const [left, right] = place(room);
    return fill.repeat(left) + self + fill.repeat(right);
  };

/** Python's `str.center` puts what is odd to the left of an odd width. */
export const centred = (self: string, width: number, budget: Budget): string => {
  const room = width - [...self].length;
  if (room <= 0) return self;
  budget.takeText(room);
  const left = Math.floor(room / 2) + (room & width & 1);
  return ' '.repeat(left) + self + ' '.repeat(room - left);
};

function split(self: string, args: CallArguments): Value {
  const given = new Given('split', args, ['sep', 'maxsplit']);
  const separator = given.value('sep', null);
  const most = given.whole('maxsplit', -1);
  if (separator === null) {
    const parts = self.trim() === '' ? [] : self.trim().split(/\s+/);
    if (most < 0 || parts.length <= most) return new List(parts);
    const rest = new RegExp(`^\\s*(?:\\S+\\s+){${most}}`).exec(self)![0];
    return new List([...parts.slice(0, most), self.slice(rest.length).trimEnd()]);
  }
  const by = plainText(separator);
  if (by === '') throw new RenderFault('ValueError', 'empty separator');
  const parts = self.split(by);
  if (most < 0 || parts.length <= most + 1) return new List(parts);
  return new List([...parts.slice(0, most), parts.slice(most).join(by)]);
}

/** `str.replace` and the filter of that name. */
export function replaced(self: string, from: string, to: string, most: number, budget: Budget): string {
  const pieces = from === '' ? ['', ...self, ''] : self.split(from);
  const times = most < 0 ? pieces.length - 1 : Math.min(most, pieces.length - 1);
  budget.takeText(self.length + times * to.length);
  const changed = pieces.slice(0, times + 1).join(to);
  const rest = pieces.slice(times + 1);
  return rest.length === 0 ? changed : [changed, ...rest].join(from);
}

const edge = (test: (self: string, part: string) => boolean) => (self: string, args: CallArguments) => {
  const part = new Given('startswith', args, ['prefix']).needed('prefix');
  return part instanceof Tuple
    ? part.items.some((one) => test(self, plainText(one)))
    : test(self, plainText(part));
};

const place = (self: string, found: number): bigint =>
  found < 0 ? -1n : BigInt([...self.slice(0, found)].length);

const part = (args: CallArguments, name: string): string => new Given(name, args, ['sub']).text('sub');

function join(self: string, args: CallArguments, budget: Budget): Value {
  const items = iterated(new Given('join', args, ['iterable']).needed('iterable'));
  const texts = items.map((item, i) => {
    if (typeof item === 'string') return item;
    throw new RenderFault('TypeError', `sequence item ${i}: expected str instance, ${typeName(item)} found`);
  });
  budget.takeText(texts.reduce((sum, text) => sum + text.length + self.length, 0));
  return texts.join(self);
}

const all = (pattern: RegExp) => (self: string) => pattern.test(self);

export const TEXT_METHODS: Record<string, Method<string>> = {
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  capitalize: (self) => capitalized(self),
  title: (self) => self.replace(WORD, capitalized),
  strip: stripped(true, true),
  lstrip: stripped(true, false),
  rstrip: stripped(false, true),
  split,
  splitlines: (self) =>
    new List(
      self === ''
        ? []
        : self
            .replace(/\r\n|\r|\n$/, '\n')
            .replace(/\n$/, '')
            .split('\n'),
    ),
  join,
  startswith: edge((self, one) => self.startsWith(one)),
  endswith: edge((self, one) => self.endsWith(one)),
  removeprefix: (self, args) => {
    const one = part(args, 'removeprefix');
    return self.startsWith(one) ? self.slice(one.length) : self;
  },
  removesuffix: (self, args) => {
    const one = part(args, 'removesuffix');
    return one !== '' && self.endsWith(one) ? self.slice(0, -one.length) : self;
  },
  replace: (self, args, budget) => {
    const given = new Given('replace', args, ['old', 'new', 'count']);
    return replaced(self, given.text('old'), given.text('new'), given.whole('count', -1), budget);
  },
  find: (self, args) => place(self, self.indexOf(part(args, 'find'))),
  rfind: (self, args) => place(self, self.lastIndexOf(part(args, 'rfind'))),
  index: (self, args) => {
    const found = self.indexOf(part(args, 'index'));
    if (found < 0) throw new RenderFault('ValueError', 'substring not found');
    return place(self, found);
  },
  count: (self, args) => {
    const one = part(args, 'count');
    return BigInt(one === '' ? [...self].length + 1 : self.split(one).length - 1);
  },
  zfill: (self, args, budget) => {
    const width = new Given('zfill', args, ['width']).whole('width');
    const sign = /^[+-]/.exec(self)?.[0] ?? '';
    const room = Math.max(width - [...self].length, 0);
    budget.takeText(room);
    return sign + '0'.repeat(room) + self.slice(sign.length);
  },
  center: (self, args, budget) => centred(self, new Given('center', args, ['width']).whole('width'), budget),
  ljust: padded((room) => [0, room]),
  rjust: padded((room) => [room, 0]),
  isdigit: all(/^\p{Nd}+$/u),
  isalpha: all(/^\p{L}+$/u),
  isalnum: all(/^[\p{L}\p{N}]+$/u),
  isspace: all(/^\s+$/u),
  format: (self, { plain, named }, budget) => budget.text(braceFormat(self, plain, named)),
};
