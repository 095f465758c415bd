import { and, getTableColumns, or } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { Database } from '../../db/database.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { taskRunPolicyAnswer } from '../run/policy.ts';
import type { TaskRunRecord } from './event.ts';
import type { TaskRunRow } from './task-run.ts';

/**
 * Records task runs and their states in the current transaction, in any order and as often as they come: a run is what
 * its latest state says, and every state is kept once. The number of statements doesn't depend on how many there are.
 * @returns those whose flow run isn't there, which nothing was written of
 */
export async function recordTaskRuns(db: Database, records: TaskRunRecord[]): Promise<TaskRunRecord[]> {
  const orphans = await withoutFlowRun(db, records);
  const recorded = records.filter((record) => !orphans.has(record)).sort(byTimestamp);
  if (recorded.length === 0) return [...orphans];
  const moment = now();
  const runs = new RunsById(await readStored(db, recorded), moment);
  const states = recorded.map((record) => stateRow(record, runs.apply(record), moment));
  const { task_run, task_run_state } = db.tables;
  // In one order everywhere, so that two servers that record the same runs wait for each other instead of locking up.
  const changed = runs.changed().sort((a, b) => (a.id < b.id ? -1 : 1));
  const { id, created: _created, ...replaced } = getTableColumns(task_run);
  const set: AnyPgColumn[] = Object.values(replaced);
  await db.insertMany(task_run, changed, {
    onConflictUpdate: { target: id, set, newer: task_run.state_timestamp },
  });
  states.sort((a, b) => (a.id < b.id ? -1 : 1));
  await db.insertMany(task_run_state, states, { onConflictDoNothing: true });
  return [...orphans];
}

function byTimestamp(a: TaskRunRecord, b: TaskRunRecord): number {
  if (a.state.timestamp !== b.state.timestamp) return a.state.timestamp < b.state.timestamp ? -1 : 1;
  return a.state.id < b.state.id ? -1 : 1;
}

async function withoutFlowRun(db: Database, records: TaskRunRecord[]): Promise<Set<TaskRunRecord>> {
  const ids = distinct(records.map((record) => record.columns.flow_run_id));
  if (ids.length === 0) return new Set();
  const { flow_run } = db.tables;
  const rows = await db.orm
    .select({ id: flow_run.id })
    .from(flow_run)
    .where(db.dialect.isIn(flow_run.id, ids));
  const found = new Set<string | null>(rows.map((row) => row.id));
  found.add(null);
  return new Set(records.filter((record) => !found.has(record.columns.flow_run_id)));
}

/** The rows that have the id or the natural key of one of these, and maybe a few more. */
function readStored(db: Database, records: TaskRunRecord[]): Promise<TaskRunRow[]> {
  const { dialect, tables } = db;
  const { task_run } = tables;
  const column = (name: 'flow_run_id' | 'task_key' | 'dynamic_key') =>
    dialect.isIn(task_run[name], distinct(records.map((record) => record.columns[name])));
  const select = db.orm
    .select()
    .from(task_run)
    .where(
      or(
        dialect.isIn(task_run.id, distinct(records.map((record) => record.id))),
        and(column('flow_run_id'), column('task_key'), column('dynamic_key')),
      ),
    );
  return dialect.lockRows(select, task_run);
}

function distinct(values: (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}

function naturalKey({ flow_run_id, task_key, dynamic_key }: TaskRunRecord['columns']): string | null {
  return flow_run_id && JSON.stringify([flow_run_id, task_key, dynamic_key]);
}

/** The rows as they will be, by id. Who has a natural key first, stored or in this batch, keeps its id for it. */
class RunsById {
  private readonly rows = new Map<string, TaskRunRow>();
  private readonly ids = new Map<string, string>();
  private readonly touched = new Set<string>();
  private readonly moment: Timestamp;

  constructor(stored: TaskRunRow[], moment: Timestamp) {
    this.moment = moment;
    for (const row of stored) this.keep(row);
  }

  private keep(row: TaskRunRow): void {
    this.rows.set(row.id, row);
    const key = naturalKey(row);
    if (key !== null) this.ids.set(key, row.id);
  }

  /** @returns the id that the run has in the database */
  apply({ id: given, columns, state }: TaskRunRecord): string {
    const key = naturalKey(columns);
    const id = (key !== null && this.ids.get(key)) || given;
    const row = this.rows.get(id) ?? newRow(id, columns.task_key, this.moment);
    if (row.state_timestamp === null || row.state_timestamp < state.timestamp) {
      this.keep({ ...row, ...columns, updated: this.moment });
      this.touched.add(id);
    }
    return id;
  }

  changed(): TaskRunRow[] {
    return [...this.touched].map((id) => this.rows.get(id)!);
  }
}

/** Every column, since rows that are inserted together have the same ones. A run without a name is called after its task. */
function newRow(id: string, name: string, moment: Timestamp): TaskRunRow {
  return {
    id,
    created: moment,
    updated: moment,
    name,
    state_type: null,
    run_count: 0,
    expected_start_time: null,
    next_scheduled_start_time: null,
    start_time: null,
    end_time: null,
    total_run_time: 0,
    task_key: '',
    dynamic_key: '',
    cache_key: null,
    cache_expiration: null,
    task_version: null,
    empirical_policy: taskRunPolicyAnswer({}),
    task_inputs: {},
    tags: [],
    flow_run_id: null,
    state_id: null,
    state_name: null,
    state_timestamp: null,
    flow_run_run_count: 0,
    labels: {},
  };
}

function stateRow({ state }: TaskRunRecord, task_run_id: string, moment: Timestamp) {
  return {
    id: state.id,
    created: moment,
    updated: moment,
    type: state.type,
    timestamp: state.timestamp,
    name: state.name,
    message: state.message,
    state_details: { ...state.state_details, task_run_id },
    data: state.data,
    task_run_id,
  };
}
