import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { placeholders } from '../../db/placeholders.ts';
import { prepared } from '../../db/prepared.ts';
import type { TaskRunRow } from './task-run.ts';

const COLUMNS = [
  'id',
  'created',
  'updated',
  'name',
  'flow_run_id',
  'task_key',
  'dynamic_key',
  'cache_key',
  'cache_expiration',
  'task_version',
  'empirical_policy',
  'tags',
  'labels',
  'task_inputs',
] as const;

export type NewTaskRun = Pick<TaskRunRow, (typeof COLUMNS)[number]>;

const insertion = prepared(({ orm, tables: { task_run } }) =>
  orm
    .insert(task_run)
    .values(placeholders(task_run, COLUMNS))
    .onConflictDoNothing({ target: [task_run.flow_run_id, task_run.task_key, task_run.dynamic_key] })
    .returning({ id: task_run.id })
    .prepare('insert_task_run'),
);

/** False, and nothing done, when the flow run has a task run of these keys. */
export async function insertTaskRun(db: Database, run: NewTaskRun): Promise<boolean> {
  return (await insertion(db).execute({ ...run })).length > 0;
}

const enclosing = prepared(({ orm, tables: { flow_run, flow_run_state } }) =>
  orm
    .select({
      flowRun: { id: flow_run.id, run_count: flow_run.run_count },
      labels: flow_run.labels,
      state: { type: flow_run_state.type, state_details: flow_run_state.state_details },
    })
    .from(flow_run)
    .leftJoin(flow_run_state, sql`${flow_run_state.id} = ${flow_run.state_id}`)
    .where(sql`${flow_run.id} = ${sql.placeholder('id')}`)
    .prepare('enclosing_flow_run'),
);

/** The flow run that a new task run is to belong to. */
export async function readEnclosingFlowRun(db: Database, id: string) {
  const [row] = await enclosing(db).execute({ id });
  return row;
}
