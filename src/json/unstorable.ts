const SUSPECT = /[\0\uD800-\uDFFF]/;
const NUL_OR_LONE_SURROGATE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const ALL_BAD = new RegExp(NUL_OR_LONE_SURROGATE.source, 'g');

/** What no database of ours stores as text: PostgreSQL takes neither a NUL nor half a surrogate pair. */
export function isStorable(text: string): boolean {
  return !SUSPECT.test(text) || !NUL_OR_LONE_SURROGATE.test(text);
}

/** Without half a surrogate pair, of which no UTF-8 can be made. */
export const isWellFormed = (text: string): boolean => isStorable(text.replaceAll('\0', ''));

/** The text without NULs; half a surrogate pair becomes the replacement character. */
export function storable(text: string): string {
  if (isStorable(text)) return text;
  return text.replace(ALL_BAD, (found) => (found === '\0' ? '' : '\uFFFD'));
}

const SUSPECT_ESCAPE = /\\u(?:0000|d[89a-f])/i;
const ESCAPE = /\\(?:u(d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|[0-9a-f]{4})|.)/gi;

/** Whether a text of JSON may have what PostgreSQL's text and `jsonb` don't take: a NUL, half a surrogate pair. */
export const mayBeUnstorable = (text: string): boolean => SUSPECT_ESCAPE.test(text);

/** Takes it out. Works on the text, so that numbers and the order of keys stay as they were sent. */
export function withoutUnstorable(text: string): string {
  return text.replace(ESCAPE, (sequence, code: string | undefined) => {
    if (code === '0000') return '';
    return code?.length === 4 && /^d[89a-f]/i.test(code) ? '\\ufffd' : sequence;
  });
}
