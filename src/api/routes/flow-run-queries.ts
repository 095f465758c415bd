import { Readable } from 'node:stream';
import { readDependencies } from '../../entities/flow-run/dependencies.ts';
import { readFlowRun } from '../../entities/flow-run/flow-run.ts';
import { GraphTooLarge, readFlowRunGraph } from '../../entities/flow-run/graph.ts';
import { countFlowRuns, findFlowRuns, meanLateness } from '../../entities/flow-run/query.ts';
import { readLogsOfFlowRun } from '../../entities/log.ts';
import { flowRunHistory } from '../../entities/run/history-query.ts';
import { errors } from '../../errors.ts';
import { float } from '../../json/float.ts';
import { spanOf } from '../history.ts';
import { float as floatKind, int, list, nullable } from '../kinds/index.ts';
import { toCsv } from '../log-csv.ts';
import { limitOf, paginate } from '../paging.ts';
import { defineRoute, Reply } from '../route.ts';
import {
  FlowRunsCountBody,
  FlowRunsFilterBody,
  FlowRunsHistoryBody,
  FlowRunsLatenessBody,
  FlowRunsPaginateBody,
} from '../schemas/flow-run-bodies.ts';
import { DependencyResult, FlowRunGraphQuery, Graph } from '../schemas/flow-run-graph.ts';
import { FlowRunPaginationResponse, FlowRunResponse } from '../schemas/flow-runs.ts';
import { HistoryResponse } from '../schemas/history.ts';

const tag = 'Flow Runs';

export const flowRunQueryRoutes = [
  defineRoute({
    method: 'post',
    path: '/flow_runs/count',
    summary: 'Count Flow Runs',
    tag,
    body: FlowRunsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countFlowRuns(db, body),
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/lateness',
    summary: 'Average Flow Run Lateness',
    tag,
    body: FlowRunsLatenessBody,
    response: nullable(floatKind()),
    handler: async ({ body }, { db }) => {
      const seconds = await meanLateness(db, body);
      return seconds === null ? null : float(seconds);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/history',
    summary: 'Flow Run History',
    tag,
    body: FlowRunsHistoryBody,
    response: list(HistoryResponse),
    handler: async ({ body }, { db }) =>
      flowRunHistory(db, spanOf(body), { ...body, work_pool_queues: body.work_queues }),
  }),
  defineRoute({
    method: 'get',
    path: '/flow_runs/{id:uuid}/graph',
    summary: 'Read Flow Run Graph V1',
    tag,
    response: list(DependencyResult),
    handler: async ({ params }, { db }) => {
      const dependencies = await readDependencies(db, params.id!);
      if (!dependencies) throw errors.objectNotFound('Flow run', params.id!);
      return dependencies;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/flow_runs/{id:uuid}/graph-v2',
    summary: 'Read Flow Run Graph V2',
    tag,
    query: FlowRunGraphQuery,
    response: Graph,
    handler: async ({ params, query }, { db, settings }) => {
      const { maxNodes, maxArtifacts } = settings.server.flowRunGraph;
      const limits = { maxNodes, maxArtifacts };
      const graph = await readFlowRunGraph(db, params.id!, query.since, limits).catch((error: unknown) => {
        throw error instanceof GraphTooLarge ? errors.badRequest(error.message) : error;
      });
      if (!graph) throw errors.missing(`Flow run ${params.id} not found`);
      return graph;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/filter',
    summary: 'Read Flow Runs',
    tag,
    body: FlowRunsFilterBody,
    response: list(FlowRunResponse),
    handler: ({ body }, context) =>
      findFlowRuns(context.db, body, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/paginate',
    summary: 'Paginate Flow Runs',
    tag,
    body: FlowRunsPaginateBody,
    response: FlowRunPaginationResponse,
    handler: ({ body }, context) =>
      paginate(
        body,
        context,
        (slice) => findFlowRuns(context.db, body, { sort: body.sort, ...slice }),
        () => countFlowRuns(context.db, body),
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/flow_runs/{id:uuid}/logs/download',
    summary: 'Download Logs',
    tag,
    handler: async ({ params }, { db }) => {
      const run = await readFlowRun(db, params.id!);
      if (!run) throw errors.notFound('Flow run');
      const file = inHeader(`${run.name}-logs.csv`);
      return new Reply(200, Readable.from(toCsv(readLogsOfFlowRun(db, run.id))), {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="flow-run-logs.csv"; filename*=UTF-8''${file}`,
      });
    },
  }),
];

/** As RFC 5987 has it, and Prefect: encodeURIComponent leaves some characters that mean something there. */
const inHeader = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
