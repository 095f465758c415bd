/**
 * What stands nowhere but in the text of a CREATE TABLE or CREATE INDEX: SQLite tells the structure by its pragmas, but
 * not the names of constraints, checks, collations of columns and generated expressions.
 */

import { tokensOf as lowerCaseTokens, type Token } from '../facts/tokens.ts';

export interface TableText {
  readonly constraints: WrittenConstraint[];
  /** By the name of the column in lower case. */
  readonly columns: Map<string, WrittenColumn>;
  /** `autoincrement`, `without rowid`, `strict`. */
  readonly options: string[];
}

export interface WrittenConstraint {
  readonly kind: 'primary key' | 'unique' | 'check' | 'foreign key';
  readonly name: string;
  /** Empty for a check of the table. */
  readonly columns: string[];
  /** Of a check, without its parentheses. */
  readonly expression: string;
  readonly refTable: string;
  readonly deferred: boolean;
}

export interface WrittenColumn {
  collation: string | null;
  generated: string | null;
}

/** A word as it stands, since it may be a name; what has quotes without them. */
const tokensOf = (sql: string): Token[] =>
  lowerCaseTokens(sql).map((token) =>
    token.kind === 'word' ? { ...token, value: sql.slice(token.start, token.end) } : token,
  );

const isSign = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'sign' && token.value === text;
const isWord = (token: Token | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value.toUpperCase());

/** The position after the parenthesis that closes the one at `open`. */
function after(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isSign(tokens[at], '(')) depth++;
    if (isSign(tokens[at], ')') && --depth === 0) return at + 1;
  }
  return tokens.length;
}

/** The parts of what stands in the parentheses from `open` to before `end`. */
function split(tokens: readonly Token[], open: number, end: number): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(open + 1, end - 1)) {
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (depth === 0 && isSign(token, ',')) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

const textOf = (sql: string, tokens: readonly Token[]): string =>
  tokens.length === 0 ? '' : sql.slice(tokens[0]!.start, tokens.at(-1)!.end);

const TABLE_CONSTRAINT = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'];

export function readTableText(sql: string): TableText {
  const tokens = tokensOf(sql);
  const open = tokens.findIndex((token) => isSign(token, '('));
  const result: TableText = { constraints: [], columns: new Map(), options: [] };
  // A virtual table has arguments of its own kind there.
  if (open < 0 || isWord(tokens[1], 'VIRTUAL')) return result;
  const end = after(tokens, open);
  for (const item of split(tokens, open, end)) {
    const column = isWord(item[0], ...TABLE_CONSTRAINT) ? null : item[0]!.value;
    if (column !== null) result.columns.set(column.toLowerCase(), { collation: null, generated: null });
    readItem(sql, column === null ? item : item.slice(1), column, result);
  }
  const options = tokens.slice(end);
  if (options.some((token) => isWord(token, 'WITHOUT'))) result.options.push('without rowid');
  if (options.some((token) => isWord(token, 'STRICT'))) result.options.push('strict');
  return result;
}

/** Reads the constraints of a column, or of the table where `column` is null; both are written alike. */
function readItem(sql: string, item: readonly Token[], column: string | null, result: TableText): void {
  const own = column === null ? null : result.columns.get(column.toLowerCase())!;
  let name = '';
  for (let at = 0; at < item.length; ) {
    const token = item[at];
    if (isWord(token, 'CONSTRAINT')) {
      name = item[at + 1]?.value ?? '';
      at += 2;
    } else if (isWord(token, 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN', 'REFERENCES')) {
      const [constraint, next] = readConstraint(sql, item, at, column, name);
      result.constraints.push(constraint);
      name = '';
      at = next;
    } else {
      if (isWord(token, 'AUTOINCREMENT')) result.options.push('autoincrement');
      if (isWord(token, 'COLLATE') && own) own.collation = item[at + 1]?.value ?? null;
      const inParentheses = isSign(item[at + 1], '(');
      if (isWord(token, 'AS') && inParentheses && own)
        own.generated = textOf(sql, item.slice(at + 2, after(item, at + 1) - 1));
      at = inParentheses ? after(item, at + 1) : at + 1;
    }
  }
}

/** The constraint whose first word is at `at`, and the position after it. */
function readConstraint(
  sql: string,
  item: readonly Token[],
  at: number,
  column: string | null,
  name: string,
): [WrittenConstraint, next: number] {
  const word = item[at]!.value.toUpperCase();
  const kind =
    word === 'PRIMARY'
      ? 'primary key'
      : word === 'UNIQUE'
        ? 'unique'
        : word === 'CHECK'
          ? 'check'
          : 'foreign key';
  let next = at + (word === 'PRIMARY' || word === 'FOREIGN' ? 2 : 1);
  let columns = column === null ? [] : [column];
  let expression = '';
  if (word !== 'REFERENCES' && isSign(item[next], '(')) {
    const end = after(item, next);
    if (kind === 'check') expression = textOf(sql, item.slice(next + 1, end - 1));
    else columns = split(item, next, end).map(([first]) => first!.value);
    next = end;
  }
  let refTable = '';
  let deferred = false;
  if (kind === 'foreign key') {
    const references = item.findIndex((token, index) => index >= at && isWord(token, 'REFERENCES'));
    refTable = item[references + 1]?.value ?? '';
    next = references + 2;
    if (isSign(item[next], '(')) next = after(item, next);
    deferred = isDeferred(item.slice(next));
  }
  return [{ kind, name, columns, expression, refTable, deferred }, next];
}

function isDeferred(rest: readonly Token[]): boolean {
  const end = rest.findIndex((token) => isWord(token, ...TABLE_CONSTRAINT));
  const words = (end < 0 ? rest : rest.slice(0, end)).map((token) => token.value.toUpperCase()).join(' ');
  return words.includes('DEFERRABLE INITIALLY DEFERRED') && !words.includes('NOT DEFERRABLE');
}

/** The keys of an index as written, and its predicate. */
export function readIndexText(sql: string): { keys: string[]; predicate: string | null } {
  const tokens = tokensOf(sql);
  const on = tokens.findIndex((token) => isWord(token, 'ON'));
  const open = tokens.findIndex((token, at) => at > on && isSign(token, '('));
  const end = after(tokens, open);
  const keys = split(tokens, open, end).map((part) => {
    const ordered = isWord(part.at(-1), 'ASC', 'DESC') ? part.slice(0, -1) : part;
    return textOf(sql, ordered);
  });
  const predicate = isWord(tokens[end], 'WHERE') ? textOf(sql, tokens.slice(end + 1)) : '';
  return { keys, predicate: predicate || null };
}
