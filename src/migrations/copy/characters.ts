/** Characters that PostgreSQL can't hold: NUL in any text, and in jsonb also half of a surrogate pair. */

const REPLACEMENT = '\uFFFD';
const NUL = '\u0000';

/** A quoted escape that is one character of its own, or two that are a pair. */
const ESCAPE = /\\(?:u([0-9a-f]{4})(?:\\u(d[c-f][0-9a-f]{2}))?|[\s\S])/gi;

export const withoutNul = (text: string): string =>
  text.includes(NUL) ? text.replaceAll(NUL, REPLACEMENT) : text;

/** Whether jsonb refuses an escape in this JSON text. */
export const hasBadEscape = (json: string): boolean => goodEscapes(json) !== json;

/** The JSON text with every escape that jsonb refuses replaced. */
export function goodEscapes(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replace(ESCAPE, (token, first: string | undefined, second: string | undefined) => {
    if (first === undefined) return token;
    const code = Number.parseInt(first, 16);
    const isHigh = code >= 0xd800 && code <= 0xdbff;
    if (isHigh) return second === undefined ? REPLACEMENT : token;
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    // What follows belongs to nothing, so it is half of a pair too.
    const rest = second === undefined ? '' : REPLACEMENT;
    return (isLow || code === 0 ? REPLACEMENT : token.slice(0, 6)) + rest;
  });
}

const STRING = /"(?:[^"\\]|\\.)*"/g;

/** Whether a JSON text has a number of more digits than PostgreSQL's numeric has. */
export const hasHugeNumber = (json: string): boolean =>
  /\d[eE][-+]?0*[1-9]\d{4}/.test(json.replace(STRING, ''));
