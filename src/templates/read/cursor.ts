import { describe, quoted, TemplateError, type Token, tokensOf, WORDS } from './tokens.ts';

/** Deeper than people write, and far from where the reader itself would give in. */
const DEEPEST = 200;

/** Walks along the tokens of a template. What is wrong further on shows when the walk comes there. */
export class Cursor {
  private readonly tokens: Generator<Token>;
  private ahead: Token[] = [];
  private line = 1;
  private depth = 0;
  /** The names that were read since this set was put here. */
  names = new Set<string>();

  constructor(template: string) {
    this.tokens = tokensOf(template);
  }

  /** The token that is `distance` tokens on; the end of the template has no end. */
  look(distance = 0): Token {
    while (this.ahead.length <= distance) {
      const next = this.tokens.next();
      const token = next.done ? { type: 'eof', value: '', line: this.line } : next.value;
      this.line = token.line;
      this.ahead.push(token);
    }
    return this.ahead[distance]!;
  }

  take(): Token {
    const token = this.look();
    this.ahead.shift();
    return token;
  }

  is(type: string): boolean {
    return this.look().type === type;
  }

  isName(...names: string[]): boolean {
    const { type, value } = this.look();
    return type === 'name' && names.includes(value);
  }

  skip(type: string): boolean {
    if (!this.is(type)) return false;
    this.take();
    return true;
  }

  skipName(name: string): boolean {
    if (!this.isName(name)) return false;
    this.take();
    return true;
  }

  expect(type: string): Token {
    if (!this.is(type)) this.failExpecting(WORDS[type] ?? type);
    return this.take();
  }

  expectName(name: string): void {
    if (!this.skipName(name)) this.failExpecting(name);
  }

  /** Reads something that may have the like of itself within. */
  within<T>(read: () => T): T {
    if (++this.depth > DEEPEST) this.fail('The template is nested too deeply.');
    const result = read();
    this.depth--;
    return result;
  }

  private failExpecting(what: string): never {
    const got = this.look();
    if (got.type === 'eof') return this.fail(`unexpected end of template, expected ${quoted(what)}.`);
    return this.fail(`expected token ${quoted(what)}, got ${quoted(describe(got))}`);
  }

  fail(message: string, line = this.look().line): never {
    throw new TemplateError(message, line);
  }
}
