import { withoutExponents } from '../../json/exponents.ts';
import { JsonNumber, parseJson } from '../../json/json.ts';

/** Most documents are the same few: an empty object, a list of tags, a policy. */
const KEPT = 5_000;
const KEPT_LENGTH = 300;
const known = new Map<string, string>();

/**
 * A JSON text as PostgreSQL's jsonb would have it, in one spelling: members sorted, the last of equal names, no minus
 * before zero, no exponents. Two texts that jsonb can't tell apart give the same.
 */
export function jsonbText(text: string): string {
  if (text === '{}' || text === '[]' || text === 'null') return text;
  if (text.length > KEPT_LENGTH) return written(parsed(text));
  let result = known.get(text);
  if (result === undefined) {
    result = written(parsed(text));
    if (known.size >= KEPT) known.clear();
    known.set(text, result);
  }
  return result;
}

/** What the exact parser finds too deep or too large may still be compared, if not to the last digit. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return JSON.parse(text);
  }
}

function written(value: unknown): string {
  if (value instanceof JsonNumber) return numberText(value.text);
  if (typeof value === 'number') return numberText(String(value));
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`).join(',')}}`;
}

const LONG = 400;

/** Beyond the exponents that we write out ourselves jsonb no longer tells an integer from a float. */
function numberText(text: string): string {
  const plain = withoutExponents(text);
  if (!/[1-9]/.test(plain.replace(/e.*/i, ''))) return plain.replace('-', '');
  return plain.length > LONG || /e/i.test(plain) ? scientific(plain) : plain;
}

function scientific(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/i.exec(text) ?? [];
  const digits = whole + fraction;
  const bare = digits.replace(/^0+/, '');
  const point = whole.length - (digits.length - bare.length) + Number(exponent);
  return `${sign}.${bare.replace(/0+$/, '')}e${point}`;
}
