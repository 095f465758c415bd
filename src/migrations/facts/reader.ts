import { type Token, tokensOf } from './tokens.ts';

/** Goes through a statement from its first word to its last. */
export class Reader {
  readonly sql: string;
  readonly tokens: readonly Token[];
  private at = 0;

  constructor(sql: string) {
    this.sql = sql;
    const tokens = tokensOf(sql);
    this.tokens = tokens.at(-1)?.value === ';' ? tokens.slice(0, -1) : tokens;
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  /** Whether the next words are these, in capitals or not: `is('add column')`. */
  is(words: string): boolean {
    return words.split(' ').every((word, offset) => {
      const token = this.tokens[this.at + offset];
      return token !== undefined && token.value === word && (token.kind === 'word' || token.kind === 'sign');
    });
  }

  /** Goes past these words if they are next. */
  take(words: string): boolean {
    if (!this.is(words)) return false;
    this.at += words.split(' ').length;
    return true;
  }

  /** The next name, without the schema that may stand before it. */
  name(): string {
    return this.names().at(-1)!;
  }

  /** The next name with all that stands before it: schema, table, column. */
  names(): string[] {
    const names = [this.next()?.value ?? ''];
    while (this.take('.')) names.push(this.next()?.value ?? '');
    return names;
  }

  next(): Token | undefined {
    return this.tokens[this.at++];
  }

  peek(): Token | undefined {
    return this.tokens[this.at];
  }

  /** What stands between the next brackets, split at commas; empty when no bracket is next. */
  list(): string[] {
    if (!this.is('(')) return [];
    const start = this.at + 1;
    let depth = 0;
    while (this.at < this.tokens.length) {
      const { value, kind } = this.next()!;
      if (kind !== 'sign') continue;
      if (value === '(') depth++;
      if (value === ')' && --depth === 0) break;
    }
    return this.parts(start, this.at - 1);
  }

  /** What is left, split at the commas that no bracket holds. */
  restParts(): string[] {
    const start = this.at;
    this.at = this.tokens.length;
    return this.parts(start, this.at);
  }

  rest(): string {
    const token = this.tokens[this.at];
    return token ? this.sql.slice(token.start, this.tokens.at(-1)!.end) : '';
  }

  /** Whether the words stand anywhere from here on, outside brackets; goes past them if so. */
  find(words: string): boolean {
    const before = this.at;
    let depth = 0;
    while (!this.done) {
      if (depth === 0 && this.take(words)) return true;
      const { value, kind } = this.next()!;
      if (kind === 'sign' && value === '(') depth++;
      if (kind === 'sign' && value === ')') depth--;
    }
    this.at = before;
    return false;
  }

  /** The same without moving. */
  has(words: string): boolean {
    const before = this.at;
    const found = this.find(words);
    this.at = before;
    return found;
  }

  private parts(start: number, end: number): string[] {
    const parts: string[] = [];
    let [depth, from] = [0, start];
    for (let i = start; i < end; i++) {
      const { value, kind } = this.tokens[i]!;
      if (kind !== 'sign') continue;
      if (value === '(') depth++;
      if (value === ')') depth--;
      if (value === ',' && depth === 0) {
        parts.push(this.text(from, i));
        from = i + 1;
      }
    }
    if (from < end) parts.push(this.text(from, end));
    return parts;
  }

  private text(from: number, to: number): string {
    return to > from ? this.sql.slice(this.tokens[from]!.start, this.tokens[to - 1]!.end) : '';
  }
}
