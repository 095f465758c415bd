/** One spelling of an expression: SQLite gives back what was written, with its spaces, quotes and case. */
export function canonical(expression: string): string {
  const text = expression
    .split(/('(?:[^']|'')*')/)
    .map((part, index) => (index % 2 === 1 ? part : canonicalCode(part)))
    .join('')
    .trim();
  return hasOuterParentheses(text) ? canonical(text.slice(1, -1)) : text;
}

function canonicalCode(code: string): string {
  return code
    .toLowerCase()
    .replaceAll('"', '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([(),]) ?/g, '$1');
}

function hasOuterParentheses(text: string): boolean {
  if (!text.startsWith('(')) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')' && --depth === 0) return at === text.length - 1;
  }
  return false;
}
