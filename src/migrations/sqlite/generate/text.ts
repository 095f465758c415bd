/** Names inside SQL that a schema brings along: expressions of indexes, checks, predicates, generated columns. */

import { quote } from '../../quotes.ts';

const TOKEN =
  /x'[^']*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*|\s+|./giy;

/** Words that name a column only when they stand in quotes. */
const RESERVED = new Set(
  (
    'add all alter and as between case cast check collate commit constraint create default deferrable delete ' +
    'distinct drop else escape except exists foreign from glob group having in index insert intersect into is isnull ' +
    'join like limit not notnull null on or order primary references select set table then to transaction union ' +
    'unique update using values when where with end desc asc true false'
  ).split(' '),
);

interface Token {
  readonly text: string;
  /** The name that the token gives to something, in lower case; undefined when it is no name. */
  readonly name?: string | undefined;
}

/** `rewrite` gets each column that is named, in lower case, and gives its new name or undefined to leave it. */
function rewriteNames(sql: string, rewrite: (name: string, use: 'column' | 'table') => string | undefined) {
  const tokens = [...sql.matchAll(TOKEN)].map(([text]): Token => ({ text, name: nameOf(text) }));
  return tokens
    .map((token, at) => {
      const use = useOf(tokens, at);
      const next = use && rewrite(token.name!, use);
      return next === undefined ? token.text : spelledAs(token.text, next);
    })
    .join('');
}

function nameOf(text: string): string | undefined {
  if (/^["`]/.test(text)) return text.slice(1, -1).replaceAll(text[0]!.repeat(2), text[0]!).toLowerCase();
  if (text.startsWith('[') && text.endsWith(']')) return text.slice(1, -1).toLowerCase();
  const bare = /^[a-z_\u0080-\uffff]/i.test(text) && !text.endsWith("'");
  return bare && !RESERVED.has(text.toLowerCase()) ? text.toLowerCase() : undefined;
}

/** Functions, collations and types of a cast are named, too. */
function useOf(tokens: readonly Token[], at: number): 'column' | 'table' | undefined {
  if (tokens[at]!.name === undefined) return undefined;
  const word = (from: number, step: 1 | -1): string => {
    let next = from + step;
    while (tokens[next]?.text.trim() === '') next += step;
    return tokens[next]?.text.toLowerCase() ?? '';
  };
  const [before, after] = [word(at, -1), word(at, 1)];
  if (after === '(' || before === 'collate' || before === 'as') return undefined;
  return after === '.' ? 'table' : 'column';
}

function spelledAs(old: string, name: string): string {
  const quoted = /^["`[]/.test(old) || !/^[a-z_]\w*$/i.test(name) || RESERVED.has(name.toLowerCase());
  return quoted ? quote(name) : name;
}

export function renameColumnIn(sql: string, from: string, to: string): string {
  return rewriteNames(sql, (name, use) => (use === 'column' && name === from.toLowerCase() ? to : undefined));
}

export function renameTableIn(sql: string, from: string, to: string): string {
  return rewriteNames(sql, (name, use) => (use === 'table' && name === from.toLowerCase() ? to : undefined));
}

/** Whether the expression reads the column. */
export function mentions(sql: string, column: string): boolean {
  let found = false;
  rewriteNames(sql, (name, use) => {
    found ||= use === 'column' && name === column.toLowerCase();
    return undefined;
  });
  return found;
}

/** Columns without the table before them, which has another name while it is rebuilt. */
export function unqualified(sql: string, table: string): string {
  const own = `${quote(table)}.`;
  return sql
    .split(/('(?:[^']|'')*')/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(own, '')))
    .join('');
}
