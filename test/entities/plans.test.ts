import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Engine, Statement } from '../../src/db/engine.ts';
import { findArtifacts } from '../../src/entities/artifact-query.ts';
import { countFlowRuns, findFlowRuns } from '../../src/entities/flow-run/query.ts';
import { findLogs } from '../../src/entities/log.ts';
import { flowRunHistory, historySpan } from '../../src/entities/run/history-query.ts';
import { countTaskRuns, findTaskRuns } from '../../src/entities/task-run/query.ts';
import { STATE_TYPES } from '../../src/schema/types.ts';
import { addSeconds } from '../../src/time/timestamp.ts';
import { createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { openNoting } from '../support/noting.ts';

const BEGAN = '2026-01-01T00:00:00.000000Z';
const ROWS = 20_000;

let own: EmptyTarget;
let engine: Engine;
let db: Database;
let sent: Statement[];

beforeAll(async () => {
  own = await createMigratedTarget();
  ({ db, engine, sent } = await openNoting(own.target));
  await fill();
}, 120_000);

afterAll(async () => {
  await db.close();
  await own.dispose();
});

const uuid = (kind: number, i: number): string =>
  `${kind}0000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;
const rows = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** As a year of one server looks: most runs are over, few are about to start. */
async function fill(): Promise<void> {
  const { flow, flow_run, task_run, log, artifact } = db.tables;
  await db.insertMany(
    flow,
    rows(200, (i) => ({ id: uuid(1, i), name: `flow ${i}` })),
  );
  const run = (i: number) => ({
    name: `run-${(i * 7919) % ROWS}`,
    state_type: i % 50 === 0 ? STATE_TYPES[(i / 50) % 9]! : ('COMPLETED' as const),
    state_name: i % 50 === 0 ? `State ${(i / 50) % 9}` : 'Completed',
    expected_start_time: addSeconds(BEGAN, i * 60),
    start_time: i % 50 === 0 ? null : addSeconds(BEGAN, i * 60 + 1),
    end_time: i % 50 === 0 ? null : addSeconds(BEGAN, i * 60 + 2),
    next_scheduled_start_time: i % 50 === 0 ? addSeconds(BEGAN, i * 60) : null,
  });
  await db.insertMany(
    flow_run,
    rows(ROWS, (i) => ({
      ...run(i),
      id: uuid(2, i),
      flow_id: uuid(1, i % 200),
      deployment_id: uuid(5, i % 100),
    })),
  );
  await db.insertMany(
    task_run,
    rows(ROWS, (i) => ({
      ...run(i),
      id: uuid(3, i),
      flow_run_id: uuid(2, Math.floor(i / 4)),
      task_key: 'key',
      dynamic_key: String(i),
    })),
  );
  await db.insertMany(
    log,
    rows(ROWS, (i) => ({
      id: uuid(6, i),
      name: 'n',
      level: 20,
      message: 'm',
      timestamp: addSeconds(BEGAN, i),
      flow_run_id: uuid(2, Math.floor(i / 20)),
      task_run_id: uuid(3, Math.floor(i / 5)),
    })),
  );
  await db.insertMany(
    artifact,
    rows(ROWS, (i) => ({
      id: uuid(7, i),
      key: `key-${i % 500}`,
      type: 'result',
      created: addSeconds(BEGAN, i),
      updated: addSeconds(BEGAN, i),
      flow_run_id: uuid(2, Math.floor(i / 4)),
      task_run_id: uuid(3, i),
    })),
  );
  if (dialect === 'postgres') await db.execute(sql`analyze`);
}

/** What the database would do with the statements that `work` sends. */
async function planOf(work: () => Promise<unknown>): Promise<string> {
  sent.length = 0;
  await work();
  const plans: string[] = [];
  for (const statement of sent) {
    const explain = dialect === 'sqlite' ? 'explain query plan ' : 'explain ';
    const lines = await engine.run(
      { sql: explain + statement.sql, params: statement.params },
      'object',
      false,
    );
    plans.push(lines.map((line) => Object.values(line as object).at(-1)).join('\n'));
  }
  return plans.join('\n');
}

const GROWING = ['flow_run', 'task_run', 'log', 'artifact'];

/** Reading a growing table from end to end, not in the order of an index. */
function scans(plan: string): string[] {
  return GROWING.filter((table) =>
    dialect === 'sqlite'
      ? new RegExp(`^SCAN ${table}(?! USING)`, 'm').test(plan)
      : new RegExp(`Seq Scan on ${table}\\b`).test(plan),
  );
}

/** More rows than the page that is asked for; the rows of a page that was chosen are put in order once more. */
const sorts = (plan: string): boolean =>
  dialect === 'sqlite'
    ? (plan.match(/TEMP B-TREE FOR ORDER BY/g) ?? []).length > (/^SCAN page/m.test(plan) ? 1 : 0)
    : [...plan.matchAll(/^\s*(?:->\s*)?Sort {2}\(.* rows=(\d+)/gm)].some(([, rows]) => Number(rows) > 50);

const slice = <Sort extends string>(sort: Sort) => ({ sort, limit: 50, offset: 0 });
const flowRuns = (filters: object, sort: Parameters<typeof findFlowRuns>[2]['sort'] = 'ID_DESC') =>
  findFlowRuns(db, filters, slice(sort));
const taskRuns = (filters: object, sort: Parameters<typeof findTaskRuns>[2]['sort'] = 'ID_DESC') =>
  findTaskRuns(db, filters, slice(sort));
const recent = { after_: addSeconds(BEGAN, (ROWS - 100) * 60) };

/** Lists that the client, workers, the CLI and the dashboard ask for; each must find its rows by an index. */
const questions: Record<string, () => Promise<unknown>> = {
  'flow runs by id': () => flowRuns({ flow_runs: { id: { any_: [uuid(2, 5), uuid(2, 7)] } } }),
  'flow runs by name': () => flowRuns({ flow_runs: { name: { any_: ['run-77'] } } }),
  'flow runs in a rare state': () => flowRuns({ flow_runs: { state: { type: { any_: ['RUNNING'] } } } }),
  'flow runs in a rare state by name': () =>
    flowRuns({ flow_runs: { state: { name: { any_: ['State 3'] } } } }),
  'flow runs since a moment': () => flowRuns({ flow_runs: { start_time: recent } }, 'START_TIME_DESC'),
  'flow runs since a moment, in a state': () =>
    flowRuns({ flow_runs: { start_time: recent, state: { type: { any_: ['FAILED'] } } } }, 'START_TIME_DESC'),
  'flow runs that ended since a moment': () => flowRuns({ flow_runs: { end_time: recent } }, 'END_TIME_DESC'),
  'flow runs that were expected since a moment': () =>
    flowRuns({ flow_runs: { expected_start_time: recent } }, 'EXPECTED_START_TIME_DESC'),
  'scheduled flow runs of a deployment that are due': () =>
    flowRuns(
      {
        flow_runs: {
          deployment_id: { any_: [uuid(5, 0)] },
          state: { type: { any_: ['SCHEDULED'] } },
          next_scheduled_start_time: { before_: recent.after_ },
        },
      },
      'NEXT_SCHEDULED_START_TIME_ASC',
    ),
  'flow runs of a deployment': () => flowRuns({ flow_runs: { deployment_id: { any_: [uuid(5, 7)] } } }),
  'flow runs of a flow': () => flowRuns({ flows: { id: { any_: [uuid(1, 3)] } } }),
  'flow runs of a flow by name': () =>
    flowRuns({ flows: { name: { any_: ['flow 3'] } } }, 'EXPECTED_START_TIME_DESC'),
  'subflow runs': () => flowRuns({ flow_runs: { parent_flow_run_id: { any_: [uuid(2, 3)] } } }),
  'flow runs by their task runs': () => flowRuns({ task_runs: { id: { any_: [uuid(3, 9)] } } }),
  'count of flow runs in a rare state': () =>
    countFlowRuns(db, { flow_runs: { state: { type: { any_: ['RUNNING', 'PENDING'] } } } }),
  'count of flow runs of a flow': () => countFlowRuns(db, { flows: { id: { any_: [uuid(1, 3)] } } }),
  'history of an hour': () =>
    flowRunHistory(db, historySpan(recent.after_, addSeconds(recent.after_, 3600), 60)!, {}),
  'task runs of a flow run': () => taskRuns({ flow_runs: { id: { any_: [uuid(2, 3)] } } }),
  'task runs of a flow run, its own field': () =>
    taskRuns({ task_runs: { flow_run_id: { any_: [uuid(2, 3)] } } }, 'EXPECTED_START_TIME_DESC'),
  'task runs by name': () => taskRuns({ task_runs: { name: { any_: ['run-77'] } } }),
  'task runs in a rare state': () => taskRuns({ task_runs: { state: { type: { any_: ['RUNNING'] } } } }),
  'task runs since a moment': () => taskRuns({ task_runs: { start_time: recent } }, 'END_TIME_DESC'),
  'count of task runs of a flow run': () => countTaskRuns(db, { flow_runs: { id: { any_: [uuid(2, 3)] } } }),
  'logs of a flow run': () => findLogs(db, { flow_run_id: { any_: [uuid(2, 3)] } }, slice('TIMESTAMP_ASC')),
  'logs of a task run': () => findLogs(db, { task_run_id: { any_: [uuid(3, 3)] } }, slice('TIMESTAMP_ASC')),
  'logs of a flow run since a moment': () =>
    findLogs(
      db,
      { flow_run_id: { any_: [uuid(2, 3)] }, timestamp: { after_: addSeconds(BEGAN, 65) } },
      slice('TIMESTAMP_ASC'),
    ),
  'artifacts of a key': () =>
    findArtifacts(db, { artifacts: { key: { any_: ['key-3'] } } }, slice('CREATED_DESC')),
  'artifacts of a flow run': () =>
    findArtifacts(db, { artifacts: { flow_run_id: { any_: [uuid(2, 3)] } } }, slice('ID_DESC')),
  'artifacts of a task run': () =>
    findArtifacts(db, { artifacts: { task_run_id: { any_: [uuid(3, 3)] } } }, slice('ID_DESC')),
};

test.each(Object.entries(questions))('%s are found by an index', async (_name, work) => {
  const plan = await planOf(work);
  expect(scans(plan), plan).toEqual([]);
});

test('a state that most runs are in is no place to begin: the order is', async () => {
  for (const any_ of [['COMPLETED'], ['COMPLETED', 'FAILED']]) {
    for (const sort of ['START_TIME_DESC', 'EXPECTED_START_TIME_DESC'] as const) {
      const plan = await planOf(() => flowRuns({ flow_runs: { state: { type: { any_ } } } }, sort));
      expect(scans(plan), plan).toEqual([]);
      expect(sorts(plan), plan).toBe(false);
    }
  }
});

/** The first page of everything, in each order: read from an index as far as needed, never sorted as a whole. */
describe.each([
  ...(
    [
      'ID_DESC',
      'START_TIME_ASC',
      'START_TIME_DESC',
      'EXPECTED_START_TIME_ASC',
      'EXPECTED_START_TIME_DESC',
      'NAME_ASC',
      'NAME_DESC',
      'NEXT_SCHEDULED_START_TIME_ASC',
      'END_TIME_DESC',
    ] as const
  ).map((sort) => ({ name: `flow runs by ${sort}`, work: () => flowRuns({}, sort) })),
  ...(
    [
      'ID_DESC',
      'EXPECTED_START_TIME_ASC',
      'EXPECTED_START_TIME_DESC',
      'NAME_ASC',
      'NAME_DESC',
      'NEXT_SCHEDULED_START_TIME_ASC',
      'END_TIME_DESC',
    ] as const
  ).map((sort) => ({ name: `task runs by ${sort}`, work: () => taskRuns({}, sort) })),
  ...(['TIMESTAMP_ASC', 'TIMESTAMP_DESC'] as const).map((sort) => ({
    name: `logs by ${sort}`,
    work: () => findLogs(db, {}, slice(sort)),
  })),
  ...(['ID_DESC', 'UPDATED_DESC', 'KEY_ASC', 'KEY_DESC'] as const).map((sort) => ({
    name: `artifacts by ${sort}`,
    work: () => findArtifacts(db, {}, slice(sort)),
  })),
])('$name', ({ work }) => {
  test('come in the order of an index', async () => {
    const plan = await planOf(work);
    expect(scans(plan), plan).toEqual([]);
    expect(sorts(plan), plan).toBe(false);
  });
});
