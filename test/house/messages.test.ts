// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources that are read here are text.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messagesText, readMessages } from '../../scripts/messages.ts';
import { readSentences } from '../../scripts/sentences.ts';
import { COMMAND_ERRORS, nextStep } from '../../src/cli/failure.ts';
import { EXIT_CODES } from '../../src/migrations/errors.ts';

const messages = readMessages();

test('docs/messages.md is what the sources say: run npm run messages', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/messages.md'), 'utf8');
  expect(docs).toBe(messagesText(messages));
});

test('every message says what to do next', () => {
  expect(messages.filter(({ next }) => next === null).map(({ file, text }) => `${file}: ${text}`)).toEqual(
    [],
  );
});

test('every message is one sentence', () => {
  const odd = messages.filter(
    ({ text }) => !/^["…A-Z[].*[.?\]]$/s.test(text) || /(?<![.])[.] [A-Z]/.test(text),
  );
  expect(odd.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
});

test('no code is there for nothing', () => {
  const used = new Set(messages.map(({ code }) => code));
  const all = [...Object.keys(COMMAND_ERRORS), ...Object.keys(EXIT_CODES)];
  expect(all.filter((code) => !used.has(code))).toEqual([]);
});

/** What no test can bring about, and why; by the beginning of the sentence. */
const UNTESTED: Record<string, string> = {
  "The address …:… can't be listened on":
    'every cause that a machine is known to have is told by another one',
  'Port … may only be opened by root': 'CI is root, who may open every port',
  'Of … … rows were read':
    'an index that lost rows of its table; a page made that way would prove only itself',
  '… has all rows, but': 'an index or key that was made and is then not there',
};

/** So many characters in a row are no accident. */
const TELLING = 14;

const windows = (text: string): string[] =>
  text
    .split(/[…[\]]/)
    .flatMap((part) =>
      Array.from({ length: Math.max(0, part.length - TELLING + 1) }, (_none, at) =>
        part.slice(at, at + TELLING),
      ),
    );

describe('every message is met by a test', () => {
  const folder = join(import.meta.dirname, '..');
  const sources = (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts') && !file.startsWith('house'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  // Texts that are broken in two, and expressions with their backslashes, are read as what they match.
  const tests = sources
    .join('\n')
    .replace(/['"`] \+\s*['"`]/g, '')
    .replace(/\\(.)/g, '$1');
  const told = messages.map((message) => ({ ...message, windows: new Set(windows(message.text)) }));
  const wanted = new Map<string, Set<string>>();
  for (const { text, windows: own } of told)
    for (const piece of own) wanted.set(piece, (wanted.get(piece) ?? new Set()).add(text));
  const found = new Set<string>();
  for (let at = 0; at + TELLING <= tests.length; at++) {
    const piece = tests.slice(at, at + TELLING);
    if (wanted.has(piece)) found.add(piece);
  }

  /** A test has a piece of it that no other call says. */
  const isMet = ({ origin, text, windows: own }: (typeof told)[number]): boolean => {
    const alike = new Set(told.filter((one) => one.origin === origin).map((one) => one.text)).add(text);
    return [...own].some(
      (piece) => found.has(piece) && [...wanted.get(piece)!].every((one) => alike.has(one)),
    );
  };
  const excused = (text: string) => Object.keys(UNTESTED).some((start) => text.startsWith(start));

  test('or there is a reason why none can', () => {
    const missing = told.filter((message) => !isMet(message) && !excused(message.text));
    expect(missing.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  test('and no reason is there for nothing', () => {
    const needless = Object.keys(UNTESTED).filter(
      (start) => !told.some((message) => message.text.startsWith(start) && !isMet(message)),
    );
    expect(needless).toEqual([]);
  });
});

describe('how a sentence is found', () => {
  const read = (source: string) => readSentences(source, ['Oops']).map(({ text }) => text);

  test.each<[string, string, string[]]>([
    ['in one piece', "throw new Oops('a', 'It broke: mend it.')", ['It broke: mend it.']],
    ['with what is not known', 'throw new Oops("a", `It ${x} broke: ${y()}.`)', ['It … broke: ….']],
    ['in several pieces', "throw new Oops('a', 'It broke' + `: ${x}` + ' it.')", ['It broke: … it.']],
    [
      'by a name, of the block that it stands in',
      "if (x) { const m = 'One.'; throw new Oops('a', m); } const m = 'Two.'; throw new Oops('a', m);",
      ['One.', 'Two.'],
    ],
    ['with a choice', "throw new Oops('a', `It ${x ? 'bent' : 'broke'}.`)", ['It bent.', 'It broke.']],
    [
      'with a part that may be missing',
      "throw new Oops('a', `It broke${x ? ' twice' : ''}.`)",
      ['It broke[ twice].'],
    ],
    [
      'by way of a function',
      "const oops = (what) => new Oops('a', `It ${what}.`); throw oops('bent'); throw oops(`broke ${x}`);",
      ['It bent.', 'It broke ….'],
    ],
  ])('%s', (_how, source, expected) => {
    expect(read(source)).toEqual(expected);
  });

  test.each([
    ['It broke: mend it.', 'mend it'],
    ['It broke (why: who knows): mend it.', 'mend it'],
    ['It broke: put "-- A: b" there.', 'put "-- A: b" there'],
    ['It broke.', null],
  ])('the next step of %j', (message, next) => {
    expect(nextStep(message)).toBe(next);
  });
});
