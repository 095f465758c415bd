import { JsonNumber } from './json.ts';

/** The text that Python's `json.dumps(value, sort_keys=True)` makes: what Prefect computes checksums of. */
export function pythonJson(value: unknown): string {
  if (typeof value === 'string') return pythonString(value);
  if (typeof value === 'number') return pythonNumber(String(value));
  if (value instanceof JsonNumber) return pythonNumber(value.text);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => byCodePoints(a, b))
    .map(([key, member]) => `${pythonString(key)}: ${pythonJson(member)}`);
  return `{${members.join(', ')}}`;
}

const NOT_PLAIN = /[\x7f-\uffff]/g;

function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    NOT_PLAIN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Whole numbers have any length in Python; all others are floats. */
function pythonNumber(text: string): string {
  if (/^-?\d+$/.test(text)) return text === '-0' ? '0' : text;
  return pythonFloat(Number(text));
}

/** The digits are the same as in JavaScript, the shortest that tell a number; the point is where Python puts it. */
export function pythonFloat(number: number): string {
  if (!Number.isFinite(number)) return number < 0 ? '-Infinity' : 'Infinity';
  const sign = Object.is(number, -0) || number < 0 ? '-' : '';
  const [mantissa, exponentText] = Math.abs(number).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
    return `${sign}${mantissa}e${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
