import { setTimeout as sleep } from 'node:timers/promises';
import type { DataDb, DataStep, LoadedStep } from '../chain/data-step.ts';
import type { MigrationConnection } from '../connection.ts';
import type { RowAccess } from '../rows.ts';
import type { CanonicalRow } from '../values.ts';
import { type ProgressRow, saveProgress } from './progress-table.ts';

const BATCH = 1000;
/** Of a batch's time, so that writers who look for the lock now and then find it free. */
const PAUSE_SHARE = 0.25;
const LONGEST_PAUSE_MS = 100;

export type DataProgress = Omit<ProgressRow, 'app_version'>;

export interface DataRun {
  readonly loaded: LoadedStep;
  readonly rows: RowAccess;
  /** Where it begins: of an interrupted run, the last batch that was committed. */
  readonly start: DataProgress;
  /** Runs a batch's transaction, again if someone else's lock was in its way. */
  batch<T>(work: () => Promise<T>): Promise<T>;
  report(done: number, total: number): void;
}

/** Walks the rows of a data step by key. Each batch is committed with its cursor, so that nothing is done twice. */
export async function runData(connection: MigrationConnection, run: DataRun): Promise<DataProgress> {
  const { step } = run.loaded;
  const { direction } = run.start;
  const work = direction === 'up' ? step.up : step.down;
  if (!work) return run.start;
  const total = run.start.rows_total ?? (await run.rows.count(step.table, step.where ?? 'true'));
  let at: DataProgress = { ...run.start, rows_total: total };
  const db = dataDb(run.rows, step);
  for (;;) {
    run.report(at.rows_done, Math.max(total, at.rows_done));
    const began = performance.now();
    const next = await run.batch(() =>
      connection.transaction(async () => {
        const rows = await nextRows(run.rows, step, at.data_key);
        if (rows.length === 0) return null;
        const progress = advanced(at, rows, step);
        await work.call(step, rows, db);
        await saveProgress(connection, progress);
        return progress;
      }),
    );
    if (next === null) return at;
    at = next;
    await sleep(Math.min((performance.now() - began) * PAUSE_SHARE, LONGEST_PAUSE_MS));
  }
}

function nextRows(access: RowAccess, step: DataStep, after: string | null): Promise<CanonicalRow[]> {
  const { table, columns, where = 'true', batchSize: limit = BATCH } = step;
  return access.page({ table, key: keyOf(step), columns, where, after, limit });
}

function advanced(at: DataProgress, rows: CanonicalRow[], step: DataStep): DataProgress {
  const last = rows.at(-1)![keyOf(step)];
  return { ...at, data_key: String(last), rows_done: Number(at.rows_done) + rows.length };
}

const keyOf = ({ key = 'id' }: DataStep): string => key;

function dataDb(rows: RowAccess, step: DataStep): DataDb {
  const key = (table: string) => (table === step.table ? keyOf(step) : 'id');
  return {
    update: (table, changed) => rows.update(table, key(table), changed),
    insert: (table, added) => rows.insert(table, added),
    delete: (table, keys) => rows.delete(table, key(table), keys),
    query: (text, params = []) => rows.query(text, params),
  };
}
