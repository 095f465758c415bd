import { taskRunHistory } from '../../entities/run/history-query.ts';
import { countTaskRuns, findTaskRuns } from '../../entities/task-run/query.ts';
import type { TaskRun as TaskRunEntity } from '../../entities/task-run/task-run.ts';
import { spanOf } from '../history.ts';
import { int, list } from '../kinds/index.ts';
import { limitOf, paginate } from '../paging.ts';
import { defineRoute } from '../route.ts';
import { HistoryResponse } from '../schemas/history.ts';
import {
  TaskRunsCountBody,
  TaskRunsFilterBody,
  TaskRunsHistoryBody,
  TaskRunsPaginateBody,
} from '../schemas/task-run-bodies.ts';
import { TaskRun, TaskRunPaginationResponse } from '../schemas/task-runs.ts';

const tag = 'Task Runs';

export const taskRunQueryRoutes = [
  defineRoute({
    method: 'post',
    path: '/task_runs/count',
    summary: 'Count Task Runs',
    tag,
    body: TaskRunsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countTaskRuns(db, body),
  }),
  defineRoute({
    method: 'post',
    path: '/task_runs/history',
    summary: 'Task Run History',
    tag,
    body: TaskRunsHistoryBody,
    response: list(HistoryResponse),
    handler: async ({ body }, { db }) => taskRunHistory(db, spanOf(body), body),
  }),
  defineRoute({
    method: 'post',
    path: '/task_runs/filter',
    summary: 'Read Task Runs',
    tag,
    body: TaskRunsFilterBody,
    response: list(TaskRun),
    handler: ({ body }, context) =>
      findTaskRuns(context.db, body, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'post',
    path: '/task_runs/paginate',
    summary: 'Paginate Task Runs',
    tag,
    body: TaskRunsPaginateBody,
    response: TaskRunPaginationResponse,
    handler: ({ body }, context) =>
      paginate(
        body,
        context,
        async (slice) => (await findTaskRuns(context.db, body, { sort: body.sort, ...slice })).map(inPages),
        () => countTaskRuns(context.db, body),
      ),
  }),
];

/** A page shows less of a task run than a list: Prefect's TaskRunResponse. */
function inPages(run: TaskRunEntity) {
  const { id, created, updated, name, task_key, state_id, state, task_version, task_inputs, tags } = run;
  const { empirical_policy, flow_run_id, start_time, end_time } = run;
  const { total_run_time, estimated_run_time, estimated_start_time_delta } = run;
  return {
    ...{ id, created, updated, name, flow_run_id, task_key, state_id, state, task_version, task_inputs },
    ...{ empirical_policy, tags, start_time, end_time },
    ...{ total_run_time, estimated_run_time, estimated_start_time_delta },
  };
}
