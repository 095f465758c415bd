/**
 * JSON that comes back as it was sent. `JSON.parse` turns `1.0` into `1`, rounds long integers and reorders
 * integer-like keys; Python keeps all three apart, so a user's value must not pass through it.
 * `JSON.parse` stays the way for texts in which it changes nothing, which one look at the text tells.
 */

/** A JSON document kept as text: what users own (parameters, results, payloads) and the server only carries. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  static readonly null = new JsonText('null');

  /** The text of a value that `parseJson` made (its own spelling, where it was kept) or of any plain value. */
  static of(value: unknown): JsonText {
    return value instanceof JsonText ? value : new JsonText(stringifyJson(value));
  }

  /** The same for a value that `parseJson` made and nobody has changed: what it doesn't keep the text of is plain. */
  static ofParsed(value: unknown): JsonText {
    const isSpelled =
      typeof value === 'object' && value !== null && (value instanceof JsonNumber || sources.has(value));
    return isSpelled ? JsonText.of(value) : new JsonText(JSON.stringify(value));
  }

  get isNull(): boolean {
    return this.text === 'null';
  }

  parse(): unknown {
    return parseJson(this.text);
  }

  /** For `JSON.stringify` in logs and tests only: numbers may change. Answers are written by `stringifyJson`. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** A number whose spelling a JavaScript number would change. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  valueOf(): number {
    return Number(this.text);
  }

  toJSON(): number {
    return Number(this.text);
  }
}

export class JsonSyntaxError extends Error {
  /** In characters, as Python counts them, not in UTF-16's halves. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Nested deeper than the server follows. */
export class JsonTooDeep extends JsonSyntaxError {}

/** More values than the server takes at once. */
export class JsonTooLarge extends JsonSyntaxError {}

/** Deeper documents are refused: a parser by recursion, and PostgreSQL's, would run out of stack. */
const MAX_DEPTH = 500;

/** Each costs many times its text: one body of 30 MB could take all memory, and the server's one thread for seconds. */
const MAX_VALUES = 2_000_000;

const NUMBER_IN_CONTEXT = /[[:,\s](-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?=\s*[\],}])|^\s*(-?\d[\d.eE+-]*)\s*$/g;
const KEYS_THAT_MOVE = /"(?:\d+|__proto__)"\s*:/;

/** Whether `JSON.parse` would lose something of this text. May say yes for the content of a string; never wrongly no. */
function needsExactParser(text: string): boolean {
  if (KEYS_THAT_MOVE.test(text)) return true;
  for (const match of text.matchAll(NUMBER_IN_CONTEXT)) {
    const number = match[1] ?? match[2]!;
    if (String(Number(number)) !== number) return true;
  }
  return false;
}

/**
 * Whether the exact parser would find it nested too deeply: `JSON.parse` takes any depth, which would break whatever
 * recurses later.
 * @throws JsonTooLarge
 */
function isTooDeep(text: string): boolean {
  if (text.length <= MAX_DEPTH) return false;
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) at = endOfString(text, at);
    else if (code === 44) values++;
    else if (code === 91 || code === 123) {
      values++;
      if (++depth > MAX_DEPTH) return true;
    } else if (code === 93 || code === 125) depth--;
  }
  if (values > MAX_VALUES) throw new JsonTooLarge(`More than ${MAX_VALUES} values`, 0);
  return false;
}

/** Where the string that begins here ends; the end of the text when it doesn't. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

const sources = new WeakMap<object, { source: string; start: number; end: number }>();

/**
 * Parses a JSON text. Numbers that JavaScript would change come as `JsonNumber`; objects and arrays remember
 * their own text, so that `JsonText.of` gives back each one as it was written.
 * @throws JsonSyntaxError
 * @throws JsonTooLarge
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text) || needsExactParser(text)) return new ExactParser(text).document();
  try {
    return JSON.parse(text);
  } catch {
    // The exact parser knows where it failed; JSON.parse only says so in prose that changes between releases.
    return new ExactParser(text).document();
  }
}

class ExactParser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): unknown {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) throw this.error('Extra data');
    return value;
  }

  private error(message: string): JsonSyntaxError {
    let position = this.at;
    // A pair counts once.
    for (let i = 1; i < this.at; i++) if ((this.text.codePointAt(i - 1) ?? 0) > 0xffff) position--;
    return new JsonSyntaxError(message, position);
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new JsonTooDeep('Nested too deeply', this.at);
    this.space();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(depth: number): Record<string, unknown> {
    const start = this.at++;
    const result: Record<string, unknown> = {};
    this.space();
    if (this.text[this.at] === '}') {
      this.at++;
      return this.remember(result, start);
    }
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') throw this.error('Expecting property name enclosed in double quotes');
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ':') throw this.error("Expecting ':' delimiter");
      this.at++;
      const value = this.value(depth + 1);
      if (key === '__proto__') {
        Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
      } else result[key] = value;
      this.space();
      const next = this.text[this.at];
      if (next !== ',' && next !== '}') throw this.error("Expecting ',' delimiter");
      this.at++;
      if (next === '}') return this.remember(result, start);
    }
  }

  private array(depth: number): unknown[] {
    const start = this.at++;
    const result: unknown[] = [];
    this.space();
    if (this.text[this.at] === ']') {
      this.at++;
      return this.remember(result, start);
    }
    for (;;) {
      result.push(this.value(depth + 1));
      this.space();
      const next = this.text[this.at];
      if (next !== ',' && next !== ']') throw this.error("Expecting ',' delimiter");
      this.at++;
      if (next === ']') return this.remember(result, start);
    }
  }

  private remember<T extends object>(value: T, start: number): T {
    sources.set(value, { source: this.text, start, end: this.at });
    return value;
  }

  private string(): string {
    const start = this.at;
    for (let at = start + 1; ; at++) {
      const code = this.text.charCodeAt(at);
      if (code === 34) {
        this.at = at + 1;
        return JSON.parse(this.text.slice(start, this.at));
      }
      if (code === 92) this.escape(at++);
      if (Number.isNaN(this.text.charCodeAt(at))) throw this.error('Unterminated string starting at');
      if (code < 32) {
        this.at = at;
        throw this.error('Invalid control character at');
      }
    }
  }

  /** @throws JsonSyntaxError when it is none */
  private escape(at: number): void {
    const [, letter, digits] = /^\\(.?)(.{0,4})/s.exec(this.text.slice(at, at + 6))!;
    const isCode = letter === 'u';
    if (isCode ? /^[0-9a-f]{4}$/i.test(digits!) : /^["\\/bfnrt]?$/.test(letter!)) return;
    this.at = isCode ? at + 1 : at;
    throw this.error(isCode ? 'Invalid \\uXXXX escape' : 'Invalid \\escape');
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.error('Expecting value');
    this.at += word.length;
    return value;
  }

  private number(): number | JsonNumber {
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) throw this.error('Expecting value');
    this.at = pattern.lastIndex;
    const value = Number(match[0]);
    return String(value) === match[0] ? value : new JsonNumber(match[0]);
  }
}

/**
 * The JSON text of a value; `JsonText` and values of `parseJson` are written as they came. `undefined` members
 * are left out; numbers that JSON can't express are null, as in Prefect.
 */
export function stringifyJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? 'null' : stringifyObject(value);
    default:
      return 'null';
  }
}

/** Everything from the space on but the quote, the backslash and surrogates. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** A look at a short text costs less than a call of `JSON.stringify`, and lists have thousands of short texts. */
function quote(text: string): string {
  return text.length < 64 && PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const quotedKeys = new Map<string, string>();

/** Most keys are names of members, always the same few; users' own can't make the memory grow without end. */
function quotedKey(key: string): string {
  let quoted = quotedKeys.get(key);
  if (quoted === undefined) {
    quoted = `${quote(key)}:`;
    if (quotedKeys.size < 1000) quotedKeys.set(key, quoted);
  }
  return quoted;
}

function stringifyObject(value: object): string {
  if (value instanceof JsonText || value instanceof JsonNumber) return value.text;
  const kept = sources.get(value);
  if (kept) return kept.source.slice(kept.start, kept.end);
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += (i > 0 ? ',' : '') + stringifyJson(value[i]);
    return `${text}]`;
  }
  let text = '{';
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    text += (text.length > 1 ? ',' : '') + quotedKey(key) + stringifyJson(member);
  }
  return `${text}}`;
}
