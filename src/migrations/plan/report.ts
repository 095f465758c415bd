import type { DatabaseTarget } from '../../settings/settings.ts';
import { loadDataStep } from '../chain/data-step.ts';
import { type ChainName, type DownLabel, type Revision, readChain } from '../chain/revisions.ts';
import { type ChainOptions, connected, folderOf } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import type { StatementFacts } from '../facts/facts.ts';
import { type KnownSchema, schemaAfter } from '../facts/known-schema.ts';
import { type NumberedFacts, walk } from '../facts/revision-facts.ts';
import { needsBackup } from '../run/backup-before.ts';
import { readPending } from '../run/state.ts';
import { checkMs, dataMs, estimateMs, type Pace, paceOf } from './estimate.ts';
import { checkedRows, LiveRows } from './live-rows.ts';
import type { RowCount } from './rows.ts';

export interface PlannedStatement {
  /** Of the file, from 1. */
  readonly number: number;
  readonly statement: string;
  /** `add column`; `unknown` for one that nothing is said about. */
  readonly kind: string;
  readonly locks: StatementFacts['locks'];
  readonly work: StatementFacts['work'];
  readonly rewrites: boolean;
  readonly loses: readonly string[];
  /** Of the tables that it has to go through; null when it doesn't depend on rows. */
  readonly rows: number | null;
  readonly rows_exact: boolean;
  readonly estimated_ms: number;
  /** It runs by itself, whatever the revision does. */
  readonly outside_transaction: boolean;
  /** By a run that was interrupted: the next one goes on after it. */
  readonly done: boolean;
  readonly hazards: StatementFacts['hazards'];
}

export interface PlannedRevision {
  readonly id: string;
  readonly name: string;
  readonly transactional: boolean;
  readonly breaking: boolean;
  readonly down: DownLabel;
  readonly statements: readonly PlannedStatement[];
  readonly data_step: { readonly name: string; readonly table: string; readonly rows: number } | null;
  /** With the data step, and the check of all foreign keys that SQLite's has around it. */
  readonly estimated_ms: number;
}

export interface PlanReport {
  readonly chain: ChainName;
  readonly place: string;
  /** Null for base. */
  readonly from: string | null;
  readonly to: string | null;
  readonly revisions: readonly PlannedRevision[];
  /** A copy is made before, since a revision rebuilds or loses something. */
  readonly backup: boolean;
  readonly estimated_ms: number;
  readonly estimate_basis: string;
}

/**
 * What an upgrade would run, in order, by the live database's row counts. Nothing is locked or changed.
 * @throws MigrationError as the upgrade would
 */
export function planReport(
  on: DatabaseTarget | MigrationConnection,
  options: ChainOptions & { to?: string | undefined } = {},
): Promise<PlanReport> {
  return connected(on, async (connection) => {
    const { ledger, progress, revisions, head } = await readPending(connection, options);
    const folder = folderOf(connection, options);
    const chain = readChain(folder);
    const pace = paceOf(connection.chain, ledger, chain);
    const counts = new LiveRows(connection, await connection.tableNames());
    const planned: PlannedRevision[] = [];
    for (const revision of revisions) {
      const before = chain.find(({ id }) => id === revision.parent) ?? null;
      const done = progress?.revision === revision.id ? progress.statements_done : 0;
      planned.push(await planRevision(revision, schemaAfter(folder, before), counts, { pace, done }));
    }
    return {
      chain: connection.chain,
      place: connection.place,
      from: ledger.at(-1)?.id ?? null,
      to: head,
      revisions: planned,
      backup: connection.file !== null && ledger.length > 0 && revisions.some(needsBackup),
      estimated_ms: sum(planned.map((one) => one.estimated_ms)),
      estimate_basis: pace.basis,
    };
  });
}

async function planRevision(
  revision: Revision,
  schema: KnownSchema | undefined,
  live: LiveRows,
  { pace, done }: { pace: Pace; done: number },
): Promise<PlannedRevision> {
  const { id, slug, transactional, breaking, label } = revision;
  const { facts, scene } = walk(live.chain, revision, schema);
  const oldName = (table: string) => scene.renamed.get(table) ?? table;
  const counts = new Map<string, RowCount>();
  for (const table of new Set(facts.flatMap(({ work }) => work.map((one) => one.table)))) {
    counts.set(table, await live.of(oldName(table)));
  }
  const statements = facts.map((one) => planStatement(one, live.chain, counts, { pace, done }));
  const checked = live.chain === 'sqlite' ? await checkedRows(revision, schema, live) : 0;
  live.rename(scene.renamed);
  const data = await planData(revision, live);
  return {
    id,
    name: slug,
    transactional,
    breaking,
    down: label,
    statements,
    data_step: data,
    estimated_ms: Math.round(
      sum(statements.map((one) => (one.done ? 0 : one.estimated_ms))) +
        checkMs(checked, pace) +
        dataMs(live.chain, data?.rows ?? 0, pace),
    ),
  };
}

function planStatement(
  facts: NumberedFacts,
  chain: ChainName,
  counts: ReadonlyMap<string, RowCount>,
  { pace, done }: { pace: Pace; done: number },
): PlannedStatement {
  const { number, summary, kind, locks, work, loses, hazards } = facts;
  const tables = [...new Set(work.map(({ table }) => table))].map((table) => counts.get(table)!);
  const ms = estimateMs(chain, facts, (table) => counts.get(table)!.rows, pace);
  return {
    number,
    statement: summary,
    kind,
    locks,
    work,
    rewrites: work.some((one) => one.kind === 'rewrite'),
    loses,
    rows: tables.length === 0 ? null : sum(tables.map(({ rows }) => rows)),
    rows_exact: tables.every(({ exact }) => exact),
    estimated_ms: Math.round(ms * 10) / 10,
    outside_transaction: facts.outsideTransaction,
    done: number <= done,
    hazards,
  };
}

async function planData({ data }: Revision, live: LiveRows): Promise<PlannedRevision['data_step']> {
  if (!data) return null;
  const { step } = await loadDataStep(data);
  return { name: data.name, table: step.table, rows: (await live.of(step.table)).rows };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
