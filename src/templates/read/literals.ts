/** The values that numbers and texts of a template stand for. */
import { TemplateError } from './tokens.ts';

/** As many as Python reads. */
const MOST_DIGITS = 4300;

export function integerOf(text: string, line: number): bigint {
  if (text.length > MOST_DIGITS) throw new TemplateError('The number is too long.', line);
  return BigInt(text.replaceAll('_', ''));
}

export function floatOf(text: string): number {
  return Number(text.replaceAll('_', ''));
}

const SHORT: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;

/** A text as it stands in a template, with its quotes. An escape that means nothing stays as it is, as in Python. */
export function textOf(literal: string): string {
  return literal.slice(1, -1).replace(ESCAPE, (all, two, four, eight, octal, other: string) => {
    const hex = two ?? four ?? eight;
    if (hex !== undefined) {
      const code = Number.parseInt(hex, 16);
      return code > 0x10ffff ? all : String.fromCodePoint(code);
    }
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    return SHORT[other] ?? all;
  });
}
