import { MigrationError, reasonOf } from '../errors.ts';
import type { CanonicalRow } from '../values.ts';
import { Digest } from './digest.ts';
import { pages, type Range } from './pages.ts';
import { type CopiedRows, saveCopied } from './state.ts';
import type { CopyTable, Side } from './tables.ts';

const BATCH_ROWS = 1_000;
const BATCH_CHARACTERS = 1_000_000;

export interface Transfer {
  readonly source: Side;
  readonly target: Side;
  readonly table: CopyTable;
  /** What an interrupted copy has done. */
  readonly begun: CopiedRows | undefined;
  readonly adapt: Range['adapt'] | undefined;
  /** Told of every batch. */
  onRows(count: number): void;
}

/** Copies what is left of a table; each batch is a transaction with the key of its last row. */
export async function transferTable(transfer: Transfer): Promise<CopiedRows> {
  const { source, table, begun, adapt, onRows } = transfer;
  const digest = new Digest(begun?.rows, begun?.checksum);
  let copied: CopiedRows = begun ?? { cursor: null, rows: 0, checksum: digest.hex };
  let batch: CanonicalRow[] = [];
  let characters = 0;
  // While one batch is written, the next one is read.
  let writing: Promise<void> = Promise.resolve();
  const flush = async () => {
    await writing;
    const rows = batch;
    copied = { cursor: String(rows.at(-1)![table.key]), rows: digest.count, checksum: digest.hex };
    writing = writeBatch(transfer, rows, copied);
    // Awaited with the next one; until then its failure is nobody's.
    writing.catch(() => {});
    onRows(rows.length);
    batch = [];
    characters = 0;
  };
  for await (const { rows, texts } of pages(source, table, {
    after: copied.cursor,
    ...(adapt ? { adapt } : {}),
  })) {
    for (const text of texts) {
      digest.add(text);
      characters += text.length;
    }
    batch.push(...rows);
    if (batch.length >= BATCH_ROWS || characters >= BATCH_CHARACTERS) await flush();
  }
  if (batch.length > 0) await flush();
  await writing;
  return copied;
}

async function writeBatch(
  { target, table }: Transfer,
  rows: readonly CanonicalRow[],
  copied: CopiedRows,
): Promise<void> {
  const { connection, rows: access } = target;
  try {
    await connection.transaction(async () => {
      await access.load(table.name, table.columns, rows);
      await saveCopied(connection, table.name, copied);
    });
  } catch (error) {
    const { where } = error as { where?: string };
    throw new MigrationError(
      'copy',
      `Rows of ${table.name} can't be written to ${connection.place} (${reasonOf(error)}${where ? `; ${where}` : ''}): put right what the reason names, then copy again, which goes on from there.`,
      { cause: error },
    );
  }
}

/** Count and checksum of the rows as they are in a database. */
export async function digestOf(
  side: Side,
  table: CopyTable,
  range: Range,
  onRows: (count: number) => void,
): Promise<Digest> {
  const digest = new Digest();
  for await (const { texts } of pages(side, table, range)) {
    for (const text of texts) digest.add(text);
    onRows(texts.length);
  }
  return digest;
}
