// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources that are read here are text.
import { readFileSync } from 'node:fs';
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
