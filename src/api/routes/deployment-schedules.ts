import type { Database } from '../../db/database.ts';
import { IntegrityError, unwrapDatabaseError } from '../../db/errors.ts';
import { readDeployment } from '../../entities/deployment/deployment.ts';
import { markDeploymentsReady } from '../../entities/deployment/readiness.ts';
import { deleteSchedule, insertSchedules, updateSchedule } from '../../entities/deployment/schedule.ts';
import {
  deleteScheduledRuns,
  lockDeployments,
  scheduleDeployments,
} from '../../entities/deployment/scheduled-runs.ts';
import { findDueFlowRuns } from '../../entities/flow-run/query.ts';
import { detail, errors } from '../../errors.ts';
import { horizonOf } from '../../services/scheduler.ts';
import { now } from '../../time/timestamp.ts';
import { json, list } from '../kinds/index.ts';
import { limitOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import { ScheduleDeploymentBody, ScheduledRunsBody } from '../schemas/deployment-schedule-bodies.ts';
import {
  DeploymentSchedule,
  DeploymentScheduleCreate,
  DeploymentScheduleUpdate,
} from '../schemas/deployment-schedules.ts';
import { FlowRunResponse } from '../schemas/flow-runs.ts';

const tag = 'Deployments';

/** Here with a full stop, unlike elsewhere. */
const noDeployment = () => detail(404, 'Deployment not found.');
const noSchedule = () => detail(404, 'Schedule not found.');

/** Changes schedules of a deployment in a transaction in which nobody else does, the scheduler included. */
function changeSchedules<T>(db: Database, deploymentId: string, change: () => Promise<T>): Promise<T> {
  return db.transaction(async () => {
    if ((await lockDeployments(db, [deploymentId])).length === 0) throw noDeployment();
    return change();
  });
}

function slugTaken(error: unknown): never {
  const cause = unwrapDatabaseError(error);
  if (!(cause instanceof IntegrityError) || cause.kind !== 'unique') throw error;
  throw errors.conflict('Schedule slugs must be unique within a deployment.');
}

export const deploymentScheduleRoutes = [
  defineRoute({
    method: 'post',
    path: '/deployments/get_scheduled_flow_runs',
    summary: 'Get Scheduled Flow Runs For Deployments',
    tag,
    body: ScheduledRunsBody,
    response: list(FlowRunResponse),
    handler: async ({ body }, context) => {
      const { deployment_ids: ids, scheduled_before } = body;
      const runs = await findDueFlowRuns(context.db, ids, scheduled_before, limitOf(body, context));
      if (ids.length > 0) await markDeploymentsReady(context.db, { ids });
      return runs;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/{id:uuid}/schedule',
    summary: 'Schedule Deployment',
    tag,
    body: ScheduleDeploymentBody,
    response: json(),
    handler: async ({ params, body }, { db, settings }) => {
      const standard = horizonOf(settings, body.start_time ?? now());
      const horizon = {
        ...standard,
        end: body.end_time ?? standard.end,
        minSeconds: body.min_time ?? standard.minSeconds,
        minRuns: body.min_runs ?? standard.minRuns,
        maxRuns: body.max_runs ?? standard.maxRuns,
      };
      const batch = settings.server.services.scheduler.insertBatchSize;
      const { problems } = await scheduleDeployments(db, [params.id!], {
        horizon,
        batch,
        byHand: true,
      });
      const [first] = problems;
      if (first)
        throw errors.unprocessable(`No runs come of schedule ${first.schedule.id}: ${first.problem}.`);
      return null;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/deployments/{id:uuid}/schedules',
    summary: 'Read Deployment Schedules',
    tag,
    response: list(DeploymentSchedule),
    handler: async ({ params }, { db }) => {
      const deployment = await readDeployment(db, params.id!);
      if (!deployment) throw noDeployment();
      return deployment.schedules;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/{id:uuid}/schedules',
    summary: 'Create Deployment Schedules',
    tag,
    body: list(DeploymentScheduleCreate),
    response: list(DeploymentSchedule),
    status: 201,
    handler: ({ params, body }, { db }) =>
      changeSchedules(db, params.id!, () => insertSchedules(db, params.id!, body)).catch(slugTaken),
  }),
  defineRoute({
    method: 'patch',
    path: '/deployments/{id:uuid}/schedules/{schedule_id:uuid}',
    summary: 'Update Deployment Schedule',
    tag,
    body: DeploymentScheduleUpdate,
    status: 204,
    handler: ({ params, body: { replaces: _, ...changes } }, { db }) =>
      changeSchedules(db, params.id!, async () => {
        if (!(await updateSchedule(db, params.id!, params.schedule_id!, changes as object)))
          throw noSchedule();
        await deleteScheduledRuns(db, [params.id!], { futureOnly: true });
      }).catch(slugTaken),
  }),
  defineRoute({
    method: 'delete',
    path: '/deployments/{id:uuid}/schedules/{schedule_id:uuid}',
    summary: 'Delete Deployment Schedule',
    tag,
    status: 204,
    handler: ({ params }, { db }) =>
      changeSchedules(db, params.id!, async () => {
        if (!(await deleteSchedule(db, params.id!, params.schedule_id!))) throw noSchedule();
        await deleteScheduledRuns(db, [params.id!]);
      }),
  }),
];
