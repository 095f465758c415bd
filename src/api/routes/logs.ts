import { createLogs, findLogs } from '../../entities/log.ts';
import { list } from '../kinds/index.ts';
import { limitOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import { Log, LogsCreateBody, LogsFilterBody } from '../schemas/logs.ts';

const tag = 'Logs';

export const logRoutes = [
  defineRoute({
    method: 'post',
    path: '/logs/',
    summary: 'Create Logs',
    tag,
    body: LogsCreateBody,
    status: 201,
    handler: async ({ body }, { db }) => {
      await createLogs(db, body);
      return null;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/logs/filter',
    summary: 'Read Logs',
    tag,
    body: LogsFilterBody,
    response: list(Log),
    handler: ({ body }, context) =>
      findLogs(context.db, body.logs, { ...body, limit: limitOf(body, context) }),
  }),
];
