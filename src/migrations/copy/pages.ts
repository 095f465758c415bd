import { literal, quote } from '../quotes.ts';
import type { CanonicalRow } from '../values.ts';
import { rowText } from './digest.ts';
import type { CopyTable, Side } from './tables.ts';

const FIRST_ROWS = 50;
const MOST_ROWS = 500;
const PAGE_CHARACTERS = 500_000;

export interface Page {
  readonly rows: readonly CanonicalRow[];
  /** Of each row, what its checksum is made of. */
  readonly texts: readonly string[];
}

export interface Range {
  /** The last key before; null from the beginning. */
  readonly after: string | null;
  /** The last key to read; null to the end. */
  readonly until?: string | null;
  /** Of the source, what the target can't hold is replaced. */
  readonly adapt?: (row: CanonicalRow) => void;
}

/** A table's rows by key, in pages that become shorter where rows are long, so that memory stays bounded. */
export async function* pages(
  { rows: access }: Pick<Side, 'rows'>,
  table: CopyTable,
  { after, until = null, adapt }: Range,
): AsyncGenerator<Page> {
  const { name, key, columns } = table;
  const where = until === null ? '1 = 1' : `${quote(key)} <= ${literal(until)}`;
  let limit = FIRST_ROWS;
  let longest = 0;
  for (let cursor = after; ; ) {
    const rows = await access.page({ table: name, key, columns, where, after: cursor, limit });
    if (adapt) for (const row of rows) adapt(row);
    const texts = rows.map((row) => rowText(table, row));
    if (rows.length > 0) yield { rows, texts };
    if (rows.length < limit) return;
    cursor = String(rows.at(-1)![key]);
    // A long row is forgotten again after a few pages.
    longest = texts.reduce((most, { length }) => Math.max(most, length), longest / 2);
    const fitting = Math.floor(PAGE_CHARACTERS / Math.max(longest, 1));
    limit = Math.max(1, Math.min(MOST_ROWS, limit * 2, fitting));
  }
}
