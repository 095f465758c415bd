/** The tokens of SQL as both engines write it: enough to tell what a statement does, not whether it is right. */

export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign';
  /** A word in lower case; a name or a string without its quotes; otherwise as it stands. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const PATTERNS: readonly [Token['kind'] | 'blank', RegExp][] = [
  ['blank', /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /\$(\w*)\$[\s\S]*?\$\1\$/y],
  ['string', /e'(?:[^'\\]|\\[\s\S]|'')*'/iy],
  ['string', /(?:[bxn])?'(?:[^']|'')*'/iy],
  ['name', /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[a-z_][^\]]*\]/iy],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/iy],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['sign', /::|\|\||<>|!=|<=|>=|->>?|[\s\S]/y],
];

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const text = pattern.exec(sql)?.[0];
      if (!text) continue;
      if (kind !== 'blank') tokens.push({ kind, value: bare(kind, text), start: at, end: at + text.length });
      at += text.length;
      break;
    }
  }
  return tokens;
}

function bare(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind === 'name' || (kind === 'string' && text.startsWith("'"))) {
    const [quote, inner] = [text.charAt(0), text.slice(1, -1)];
    return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
  }
  return text;
}

/** The statements of a text, apart by semicolons. Those inside the body of a trigger stay with it. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let [start, depth, inTrigger] = [0, 0, false];
  let first: Token | undefined;
  const add = (end: number) => {
    const text = sql.slice(start, end).trim();
    if (tokensOf(text).length > 0) statements.push(text);
  };
  for (const token of tokensOf(sql)) {
    first ??= token;
    if (token.kind === 'word') {
      if (token.value === 'trigger' && first.value === 'create') inTrigger = true;
      if (inTrigger && (token.value === 'begin' || token.value === 'case')) depth++;
      if (inTrigger && token.value === 'end') depth--;
    }
    if (token.value !== ';' || token.kind !== 'sign' || depth > 0) continue;
    add(token.end);
    [start, inTrigger, first] = [token.end, false, undefined];
  }
  add(sql.length);
  return statements;
}
