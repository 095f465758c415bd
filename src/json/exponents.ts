/** A float of 64 bits goes no further; what does is left alone, since writing it out could take gigabytes. */
const LARGEST_EXPONENT = 400;

/** Strings come first, so that what looks like a number inside one is passed over. */
const STRING_OR_EXPONENT = /"(?:[^"\\]|\\.)*"|(-?)(\d+)(?:\.(\d+))?[eE]([-+]?\d+)/g;

/**
 * Writes numbers with an exponent out as decimals: `1e16` as `10000000000000000.0`. PostgreSQL's jsonb drops the exponent
 * and so makes an integer of what Python knew as a float.
 */
export function withoutExponents(text: string): string {
  if (!/\d[eE]/.test(text)) return text;
  return text.replace(
    STRING_OR_EXPONENT,
    (token, sign: string, whole: string, fraction: string, exponent: string) => {
      if (token[0] === '"' || Math.abs(Number(exponent)) > LARGEST_EXPONENT) return token;
      return sign + shifted(whole, fraction ?? '', Number(exponent));
    },
  );
}

/** The digits with their point moved to the right, or to the left for a negative number of places. */
function shifted(whole: string, fraction: string, places: number): string {
  const digits = whole + fraction;
  const point = whole.length + places;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  return `${padded.slice(0, at).replace(/^0+(?=\d)/, '')}.${padded.slice(at) || '0'}`;
}
