import {
  countDeploymentsByFlow,
  countEndedTaskRuns,
  countTaskRunsByFlowRun,
  nextRunsByFlow,
} from '../../entities/dashboard-query.ts';
import { readFlowRun } from '../../entities/flow-run/flow-run.ts';
import { findFlowRunTimes } from '../../entities/flow-run/query.ts';
import { countTaskRunsByState } from '../../entities/task-run/query.ts';
import { readTaskRun } from '../../entities/task-run/task-run.ts';
import { errors } from '../../errors.ts';
import { annotated, dict, int, type Kind, list, nullable } from '../kinds/index.ts';
import { defineRoute } from '../route.ts';
import { CountTaskRunsByFlowRunBody, UiFlowRunHistoryBody } from '../schemas/flow-run-bodies.ts';
import { SimpleFlowRun } from '../schemas/flow-runs.ts';
import { CountDeploymentsByFlowBody, NextRunsByFlowBody, SimpleNextFlowRun } from '../schemas/flows.ts';
import { CountByState } from '../schemas/states.ts';
import { TaskRunsDashboardCountsBody, UiTaskRunsCountBody } from '../schemas/task-run-bodies.ts';
import { TaskRunCount, UITaskRun } from '../schemas/task-runs.ts';

const byId = <T>(value: Kind<T>) => annotated(dict(value), { propertyNames: { format: 'uuid' } });

/** What Prefect's dashboard asks beside the resources themselves. */
export const uiRoutes = [
  defineRoute({
    method: 'post',
    path: '/ui/flows/count-deployments',
    summary: 'Count Deployments By Flow',
    tag: 'Flows',
    body: CountDeploymentsByFlowBody,
    response: byId(int()),
    handler: ({ body }, { db }) => countDeploymentsByFlow(db, body.flow_ids),
  }),
  defineRoute({
    method: 'post',
    path: '/ui/flows/next-runs',
    summary: 'Next Runs By Flow',
    tag: 'Flows',
    body: NextRunsByFlowBody,
    response: byId(nullable(SimpleNextFlowRun)),
    handler: ({ body }, { db }) => nextRunsByFlow(db, body.flow_ids),
  }),
  defineRoute({
    method: 'post',
    path: '/ui/flow_runs/history',
    summary: 'Read Flow Run History',
    tag: 'Flow Runs',
    body: UiFlowRunHistoryBody,
    response: list(SimpleFlowRun),
    handler: ({ body }, { db }) => findFlowRunTimes(db, body, body),
  }),
  defineRoute({
    method: 'post',
    path: '/ui/flow_runs/count-task-runs',
    summary: 'Count Task Runs By Flow Run',
    tag: 'Flow Runs',
    body: CountTaskRunsByFlowRunBody,
    response: byId(int()),
    handler: ({ body }, { db }) => countTaskRunsByFlowRun(db, body.flow_run_ids),
  }),
  defineRoute({
    method: 'post',
    path: '/ui/task_runs/dashboard/counts',
    summary: 'Read Dashboard Task Run Counts',
    tag: 'Task Runs',
    body: TaskRunsDashboardCountsBody,
    response: list(TaskRunCount),
    handler: async ({ body }, { db }) => {
      const { after_, before_ } = body.task_runs.start_time ?? {};
      if (!after_) throw errors.unprocessable('task_runs.start_time.after_ is required');
      return countEndedTaskRuns(db, after_, before_, { ...body, work_pool_queues: body.work_queues });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/ui/task_runs/count',
    summary: 'Read Task Run Counts By State',
    tag: 'Task Runs',
    body: UiTaskRunsCountBody,
    response: CountByState,
    handler: ({ body }, { db }) => countTaskRunsByState(db, body),
  }),
  defineRoute({
    method: 'get',
    path: '/ui/task_runs/{id:uuid}',
    summary: 'Read Task Run With Flow Run Name',
    tag: 'Task Runs',
    response: UITaskRun,
    handler: async ({ params }, { db }) => {
      const run = await readTaskRun(db, params.id!);
      if (!run) throw errors.notFound('Task');
      const flowRun = run.flow_run_id ? await readFlowRun(db, run.flow_run_id) : undefined;
      return { ...run, flow_run_name: flowRun?.name ?? null };
    },
  }),
];
