/** SQL of checks, predicates, keys of indexes and generated columns, read just far enough to find names in it. */

import { quote } from '../../quotes.ts';

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|[\s\S]/gi;

interface Name {
  /** Where in the list of tokens it stands. */
  readonly at: number;
  readonly name: string;
}

const isSpace = (token: string | undefined): boolean => token !== undefined && /^\s$/.test(token);

function neighbour(tokens: string[], at: number, step: 1 | -1): number {
  let next = at + step;
  while (isSpace(tokens[next])) next += step;
  return next;
}

/** As PostgreSQL reads it: in quotes as it stands, else in lower case. */
function nameAt(token: string | undefined): string | null {
  if (token === undefined) return null;
  if (token.startsWith('"') && token.length > 1) return token.slice(1, -1).replaceAll('""', '"');
  return /^[a-z_\u0080-\uffff]/i.test(token) ? token.toLowerCase() : null;
}

/** Names that may be those of columns: no functions, no types behind `::`, and after a point only with `table` before it. */
function columnNames(tokens: string[], table: string): Name[] {
  return tokens.flatMap((token, at) => {
    const name = nameAt(token);
    if (name === null) return [];
    const [before, after] = [neighbour(tokens, at, -1), neighbour(tokens, at, 1)];
    if (tokens[after] === '.' || (tokens[after] === '(' && !token.startsWith('"'))) return [];
    if (tokens[before] === ':') return [];
    if (tokens[before] === '.' && nameAt(tokens[neighbour(tokens, before, -1)]) !== table) return [];
    return [{ at, name }];
  });
}

const tokensOf = (expression: string): string[] => expression.match(TOKEN) ?? [];

/** Whether an expression of a table may depend on the column. Rather once too often: then it is made anew for nothing. */
export function mentions(expression: string, table: string, column: string): boolean {
  return columnNames(tokensOf(expression), table).some(({ name }) => name === column);
}

/** Whether the name of a type stands in the expression, anywhere. */
export function mentionsType(expression: string, type: string): boolean {
  return tokensOf(expression).some((token) => nameAt(token) === type);
}

/** The expression once a column has its new name, which then stands in quotes: it may be a word of SQL. */
export function renameColumnIn(expression: string, table: string, from: string, to: string): string {
  const tokens = tokensOf(expression);
  for (const { at, name } of columnNames(tokens, table)) if (name === from) tokens[at] = quote(to);
  return tokens.join('');
}

export function renameTableIn(expression: string, from: string, to: string): string {
  const tokens = tokensOf(expression);
  const isTable = (token: string, at: number) =>
    nameAt(token) === from && tokens[neighbour(tokens, at, 1)] === '.';
  return tokens.map((token, at) => (isTable(token, at) ? quote(to) : token)).join('');
}

/** One spelling for all that PostgreSQL reads alike: spaces, quotes, case and the table's own name before a column. */
export function canonical(expression: string, table: string): string {
  const tokens = tokensOf(expression).filter((token) => !isSpace(token));
  const words = tokens.map((token) => {
    const name = nameAt(token);
    return name === null ? token : quote(name);
  });
  return words.join(' ').replaceAll(`${quote(table)} . `, '');
}
