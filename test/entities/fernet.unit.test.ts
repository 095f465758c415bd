import { expect, test } from 'vitest';
import {
  decryptFernet,
  encryptFernet,
  type FernetKey,
  NotDecryptable,
  newFernetKey,
  readFernetKey,
} from '../../src/entities/block/fernet.ts';

const keyOf = (text: string): FernetKey => readFernetKey(text)!;

/** Those of the specification. */
const KEY = keyOf('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');
const TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';

test('reads what the specification encrypts', () => {
  expect(decryptFernet(KEY, TOKEN)).toBe('hello');
});

test('reads what it has encrypted itself, which is another token each time', () => {
  const key = keyOf(newFernetKey());
  for (const text of ['', 'a', 'ä日本😀', 'x'.repeat(100_000)]) {
    const tokens = [encryptFernet(key, text), encryptFernet(key, text)];
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) {
      expect(token).toMatch(/^gAAAA[\w-]+=*$/);
      expect(decryptFernet(key, token)).toBe(text);
    }
  }
});

test('refuses what was changed, cut, or encrypted with another key', () => {
  const bad = [
    TOKEN.replace('AAECAw', 'AAEDAw'),
    TOKEN.slice(0, -8),
    `h${TOKEN.slice(1)}`,
    '',
    'not a token',
    encryptFernet(keyOf(newFernetKey()), 'hello'),
  ];
  for (const token of bad) expect(() => decryptFernet(KEY, token), token).toThrow(NotDecryptable);
});

test('a key is 32 bytes', () => {
  expect(readFernetKey('c2hvcnQ=')).toBeNull();
  expect(readFernetKey('')).toBeNull();
  expect(readFernetKey(newFernetKey())).not.toBeNull();
});
