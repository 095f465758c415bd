import { sql } from 'drizzle-orm';
import { PROGRESS_TABLE } from '../catalog/book-keeping.ts';
import type { Revision } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import type { LedgerRow } from '../run/ledger.ts';
import { readProgress } from '../run/progress-table.ts';
import { type Finding, finding } from './findings.ts';

type Row = Pick<LedgerRow, 'id' | 'name' | 'parent' | 'checksum' | 'app_version'>;

export interface LedgerReport {
  readonly findings: Finding[];
  /** The revision whose tables the database should have; undefined where the ledger can't tell. */
  readonly revision: string | null | undefined;
  readonly applied: number;
}

const RESTORE = `restore the table _migrations from a backup`;

/** What the ledger says about itself; unlike for a migration, nothing in it is a reason to stop. */
export async function checkLedger(
  connection: MigrationConnection,
  chain: readonly Revision[],
): Promise<LedgerReport> {
  let rows: Row[];
  try {
    rows = await connection.query<Row>(sql`select id, name, parent, checksum, app_version from _migrations`);
  } catch (error) {
    if (!/column/i.test(String(error))) throw error;
    const problem = 'has other columns than it should: it is damaged, or of another program';
    return { findings: [ledgerFinding('ledger.columns', problem, RESTORE)], revision: undefined, applied: 1 };
  }
  return judge(rows, chain);
}

function judge(rows: readonly Row[], chain: readonly Revision[]): LedgerReport {
  const applied = new Map(rows.map((row) => [row.id, row]));
  const known = chain.filter(({ id }) => applied.has(id));
  const unknown = rows.filter(({ id }) => !chain.some((revision) => revision.id === id));
  const head = chain.findLastIndex(({ id }) => applied.has(id));
  const gaps = chain.slice(0, Math.max(head, 0)).filter(({ id }) => !applied.has(id));
  const pending = chain.slice(head + 1);
  const findings = [
    ...known.flatMap((revision) => compareRow(applied.get(revision.id)!, revision)),
    ...gaps.map((revision) => missingRow(revision, chain[head]!.id)),
  ];
  if (unknown.length > 0) findings.push(ahead(unknown));
  else if (pending.length > 0) findings.push(behind(pending));
  // What a newer version has made is not for this one to judge.
  const revision = unknown.length > 0 ? undefined : (chain[head]?.id ?? null);
  return { findings, revision, applied: rows.length };
}

function compareRow(row: Row, { id, slug, checksum, parent, folder }: Revision): Finding[] {
  const object = `revision ${id} (${slug})`;
  const found: Finding[] = [];
  if (row.checksum !== checksum) {
    found.push(
      finding({
        ...{ code: 'ledger.checksum', severity: 'error', object, expected: row.checksum, found: checksum },
        problem: 'is not what was applied: its files were changed, or the ledger was',
        advice: `bring back ${folder} as it was (reinstall the package), and put a change into a new revision`,
      }),
    );
  }
  if (row.parent !== parent) {
    found.push(
      finding({
        ...{
          code: 'ledger.parent',
          severity: 'error',
          object,
          expected: parent ?? 'base',
          found: row.parent ?? 'base',
        },
        problem: 'was applied after another revision than the one that it follows now',
        advice: `run prefect-server database downgrade -r ${row.parent ?? 'base'}, then prefect-server database upgrade`,
      }),
    );
  }
  return found;
}

function missingRow({ id, slug }: Revision, head: string): Finding {
  return finding({
    ...{ code: 'ledger.gap', severity: 'error', object: `revision ${id} (${slug})` },
    problem: `is missing in the ledger, though ${head} after it is there`,
    advice: RESTORE,
  });
}

/** Rows are missing between others, or after the last one: then the tables are not those of the revision that it ends with. */
export function isCutShort(ledger: readonly Finding[], differences: readonly Finding[]): boolean {
  const codes = ledger.map(({ code }) => code);
  return codes.includes('ledger.gap') || (codes.includes('ledger.behind') && differences.length > 0);
}

/** What a ledger lacks whose database has come further by its tables, or as far. */
export function cutShort(ledger: readonly Finding[], { id, slug }: Revision): Finding {
  const stamp = `run prefect-server database stamp ${id}`;
  const hasGap = ledger.some(({ code }) => code === 'ledger.gap');
  const problem = `lacks revisions; the tables are exactly those of revision ${id} (${slug})`;
  return ledgerFinding('ledger.gap', problem, hasGap ? `run DELETE FROM _migrations, then ${stamp}` : stamp);
}

function ahead(rows: readonly Row[]): Finding {
  const names = rows.map(({ id, name }) => `${id} (${name})`).join(', ');
  return finding({
    ...{ code: 'ledger.ahead', severity: 'warning', object: 'the database', found: names },
    problem: `is ahead of this version of prefect-server, which doesn't know ${names}`,
    advice:
      `install version ${rows.at(-1)!.app_version} or a newer one and ask it; ` +
      'or run prefect-server database downgrade -r head to come back to what this one knows',
  });
}

function behind(pending: readonly Revision[]): Finding {
  const names = pending.map(({ id, slug }) => `${id} (${slug})`).join(', ');
  return finding({
    ...{ code: 'ledger.behind', severity: 'warning', object: 'the database', expected: names },
    problem: `is behind this version of prefect-server by ${names}`,
    advice: 'run prefect-server database upgrade',
  });
}

const ledgerFinding = (code: string, problem: string, advice: string): Finding =>
  finding({ code, severity: 'error', object: `the ledger (_migrations)`, problem, advice });

/** A revision that was stopped on its way, if any. */
export async function checkProgress(
  connection: MigrationConnection,
  tables: readonly string[],
): Promise<Finding[]> {
  const row = tables.includes(PROGRESS_TABLE) ? await readProgress(connection) : null;
  if (!row) return [];
  const { revision, direction, statements_done, rows_done, rows_total } = row;
  const rows = rows_total === null ? '' : ` and ${rows_done} of ${rows_total} rows`;
  const again = direction === 'up' ? 'upgrade' : 'downgrade';
  return [
    finding({
      ...{ code: 'revision.unfinished', severity: 'error', object: `revision ${revision}` },
      problem: `was stopped on its way ${direction}, after ${statements_done} statements${rows}`,
      advice: `run prefect-server database ${again} to go on from there; its tables are compared after that`,
    }),
  ];
}
