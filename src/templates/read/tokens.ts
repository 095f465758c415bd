/** Cuts a template of Jinja's language into tokens: what people write into the messages and webhooks of automations. */

/** What is wrong with a template, in Jinja's words. */
export class TemplateError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

export interface Token {
  /** An operator's own text, or one of the words below. */
  type: string;
  value: string;
  line: number;
}

export const WORDS: Record<string, string> = {
  data: 'template data / text',
  block_begin: 'begin of statement block',
  block_end: 'end of statement block',
  variable_begin: 'begin of print statement',
  variable_end: 'end of print statement',
  eof: 'end of template',
};

/** How people are told of a token: a name by itself, all else by what it is. */
export function describe({ type, value }: Pick<Token, 'type' | 'value'>): string {
  return type === 'name' ? value : (WORDS[type] ?? type);
}

const OPENS = /\{(?:%[-+]?\s*raw\s*(?:-%\}\s*|%\})|[{%#][-+]?)/g;
const END_OF_RAW = /\{%[-+]?\s*endraw\s*(?:\+%\}|-%\}\s*|%\})/g;
const END_OF_COMMENT = /(?:-#\}\s*|\+?#\})/g;

const CLOSES = { variable: /-\}\}\s*|\}\}/y, block: /\+%\}|-%\}\s*|%\}/y };

const DIGITS = String.raw`\d+(?:_\d+)*`;
const PARTS: [type: string, pattern: RegExp][] = [
  ['space', /\s+/y],
  ['float', new RegExp(`(?<!\\.)${DIGITS}(?:(?:\\.${DIGITS})?e[+-]?${DIGITS}|\\.${DIGITS})`, 'iy')],
  ['integer', /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy],
  ['name', /[\p{L}\p{M}\p{N}_]+/uy],
  ['string', /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y],
  ['operator', /\*\*|\/\/|[=!<>]=|[-+*/%~[\](){}<>=.:|,;]/y],
];

const PARTNER: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** A tag with a minus takes away the white space before it. */
const isTrimming = (tag: string | undefined): boolean => tag?.[2] === '-';

const lines = (text: string): number => text.split('\n').length - 1;

export function* tokensOf(template: string): Generator<Token> {
  const source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  let at = 0;
  let line = 1;
  /** The text up to there; the lines that it has. */
  const skipTo = (end: number): string => {
    const text = source.slice(at, end);
    at = end;
    line += lines(text);
    return text;
  };
  const end = (pattern: RegExp, problem: string): RegExpExecArray => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (!found) throw new TemplateError(problem, line);
    return found;
  };
  while (at < source.length) {
    OPENS.lastIndex = at;
    const opening = OPENS.exec(source);
    const begun = line;
    const before = skipTo(opening?.index ?? source.length);
    const data = isTrimming(opening?.[0]) ? before.trimEnd() : before;
    if (data !== '') yield { type: 'data', value: data, line: begun };
    if (!opening) return;
    const kind = opening[0];
    const from = line;
    skipTo(at + kind.length);
    // With nothing behind it, Jinja doesn't miss the end of a comment.
    if (at === source.length && /^\{#|raw/.test(kind)) return;
    if (kind.startsWith('{#')) {
      const close = end(END_OF_COMMENT, 'Missing end of comment tag');
      skipTo(close.index + close[0].length);
    } else if (/raw/.test(kind)) {
      const close = end(END_OF_RAW, 'Missing end of raw directive');
      const inside = source.slice(at, close.index);
      const raw = isTrimming(close[0]) ? inside.trimEnd() : inside;
      if (raw !== '') yield { type: 'data', value: raw, line };
      skipTo(close.index + close[0].length);
    } else {
      const place = kind[1] === '{' ? 'variable' : 'block';
      yield { type: `${place}_begin`, value: kind, line: from };
      [at, line] = yield* tokensWithin(source, at, line, place);
    }
  }
}

/** The tokens of one tag, its end included. Gives back where it ends. */
function* tokensWithin(
  source: string,
  start: number,
  first: number,
  place: 'variable' | 'block',
): Generator<Token, [at: number, line: number]> {
  const open: string[] = [];
  let [at, line] = [start, first];
  while (at < source.length) {
    const close = open.length === 0 ? matchAt(CLOSES[place], source, at) : undefined;
    if (close !== undefined) {
      yield { type: `${place}_end`, value: close, line };
      return [at + close.length, line + lines(close)];
    }
    const [type, text] = partAt(source, at, line);
    if (type === 'operator') balance(text, open, line);
    if (type === 'name' && !/^[\p{L}_]/u.test(text)) {
      throw new TemplateError('Invalid character in identifier', line);
    }
    if (type !== 'space') yield { type: type === 'operator' ? text : type, value: text, line };
    at += text.length;
    line += lines(text);
  }
  return [at, line];
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

function partAt(source: string, at: number, line: number): [type: string, text: string] {
  for (const [type, pattern] of PARTS) {
    const text = matchAt(pattern, source, at);
    if (text !== undefined) return [type, text];
  }
  const character = String.fromCodePoint(source.codePointAt(at)!);
  throw new TemplateError(`unexpected char ${quoted(character)} at ${at}`, line);
}

/** Python's way to write a text. */
export function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return escaped.includes("'") && !escaped.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
}

function balance(text: string, open: string[], line: number): void {
  const partner = PARTNER[text];
  if (partner) open.push(partner);
  if (!/^[)\]}]$/.test(text)) return;
  const wanted = open.pop();
  if (wanted === undefined) throw new TemplateError(`unexpected '${text}'`, line);
  if (wanted !== text) throw new TemplateError(`unexpected '${text}', expected '${wanted}'`, line);
}
