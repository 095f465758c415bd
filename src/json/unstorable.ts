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
