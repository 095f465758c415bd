import type { ChainName, Revision } from '../chain/revisions.ts';
import type { StatementFacts, Work } from '../facts/facts.ts';
import type { LedgerRow } from '../run/ledger.ts';

/**
 * Microseconds a row, measured on two cores of a cloud machine with a local disk: 200,000 rows as wide as a flow run,
 * rounded up because larger tables fit their caches less well. Hence of the right order, and no more.
 */
const MICROSECONDS: Record<ChainName, Record<Work['kind'], number>> = {
  sqlite: { scan: 0.3, index: 1.5, rewrite: 3, rows: 3 },
  pg: { scan: 0.7, index: 1.5, rewrite: 5, rows: 25 },
};

/** A row of a data step goes out and comes back, and each index of its table is told: of one with thirty, as flow_run has. */
const DATA_MICROSECONDS: Record<ChainName, number> = { sqlite: 40, pg: 150 };

/** What a statement takes there when it meets no rows. */
const STATEMENT_MS: Record<ChainName, number> = { sqlite: 0.2, pg: 1 };

/** How much slower a database is than the one that was measured; quicker ones aren't promised. */
export interface Pace {
  readonly factor: number;
  /** What it was taken from. */
  readonly basis: string;
}

const MEASURED = 'rates measured on another machine';
const SLOWEST = 20;

/** The first revision, made of statements that met no rows, tells how quick this database is. */
export function paceOf(
  chain: ChainName,
  ledger: readonly Pick<LedgerRow, 'id' | 'duration_ms'>[],
  revisions: readonly Pick<Revision, 'id' | 'parent' | 'statements'>[],
): Pace {
  const first = revisions.find(({ parent }) => parent === null);
  const row = ledger.find(({ id }) => id === first?.id);
  if (!first || !row || row.duration_ms === 0 || first.statements.length === 0) {
    return { factor: 1, basis: MEASURED };
  }
  const factor = row.duration_ms / first.statements.length / STATEMENT_MS[chain];
  if (factor <= 1) return { factor: 1, basis: MEASURED };
  const basis = `${MEASURED}, and by how long revision ${first.id} took here`;
  return { factor: Math.min(factor, SLOWEST), basis };
}

export function estimateMs(
  chain: ChainName,
  { work }: Pick<StatementFacts, 'work'>,
  rowsOf: (table: string) => number,
  { factor }: Pace,
): number {
  const rows = work.map(({ kind, table }) => (rowsOf(table) * MICROSECONDS[chain][kind]) / 1000);
  return (STATEMENT_MS[chain] + rows.reduce((sum, ms) => sum + ms, 0)) * factor;
}

/** Before and after a revision on SQLite every foreign key is looked at. */
export function checkMs(rows: number, { factor }: Pace): number {
  return ((2 * rows * MICROSECONDS.sqlite.scan) / 1000) * factor;
}

export function dataMs(chain: ChainName, rows: number, { factor }: Pace): number {
  return ((rows * DATA_MICROSECONDS[chain]) / 1000) * factor;
}
