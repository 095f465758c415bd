import { JsonNumber } from '../json.ts';

/** A JSON value as Python shows it (`repr`): Prefect's sentences about wrong values quote them so. */
export function pythonText(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof JsonNumber) return pythonNumber(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${quoted(key)}: ${pythonText(member)}`);
  return `{${members.join(', ')}}`;
}

/** Python tells whole numbers, which have any length, from those with a fraction or an exponent. */
function pythonNumber({ text }: JsonNumber): string {
  if (/^-?\d+$/.test(text)) return text;
  const number = Number(text);
  const plain = String(number);
  return Number.isInteger(number) && !plain.includes('e')
    ? `${Object.is(number, -0) ? '-0' : plain}.0`
    : plain;
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!);
  const visible = escaped.replace(/[\p{Cc}\p{Cf}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return quote + (quote === "'" ? visible.replaceAll("'", "\\'") : visible) + quote;
}
