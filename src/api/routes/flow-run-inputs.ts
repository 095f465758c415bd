import { IntegrityError, unwrapDatabaseError } from '../../db/errors.ts';
import {
  createFlowRunInput,
  deleteFlowRunInput,
  findFlowRunInputs,
  readFlowRunInput,
} from '../../entities/flow-run/input.ts';
import { errors } from '../../errors.ts';
import { list } from '../kinds/index.ts';
import { defineRoute, Reply } from '../route.ts';
import { FlowRunInput, FlowRunInputCreateBody, FlowRunInputFilterBody } from '../schemas/flow-run-inputs.ts';

const tag = 'Flow Runs';

/** Of what Prefect can read back: another key is refused where its server fails. */
const KEY = /^[a-zA-Z0-9-]*$/;

export const flowRunInputRoutes = [
  defineRoute({
    method: 'post',
    path: '/flow_runs/{id:uuid}/input',
    summary: 'Create Flow Run Input',
    tag,
    body: FlowRunInputCreateBody,
    status: 201,
    handler: async ({ params, body }, { db }) => {
      const { key, value, sender = null } = body;
      if (!KEY.test(key))
        throw errors.unprocessable('The key of an input has letters, digits and dashes only.');
      try {
        await createFlowRunInput(db, { flow_run_id: params.id!, key, value, sender });
      } catch (thrown) {
        const error = unwrapDatabaseError(thrown);
        if (!(error instanceof IntegrityError)) throw error;
        if (error.kind === 'unique') throw errors.conflict('A flow run input with this key already exists.');
        throw errors.notFound('Flow run');
      }
      return null;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/{id:uuid}/input/filter',
    summary: 'Filter Flow Run Input',
    tag,
    body: FlowRunInputFilterBody,
    response: list(FlowRunInput),
    handler: ({ params, body }, { db }) => findFlowRunInputs(db, params.id!, body),
  }),
  defineRoute({
    method: 'get',
    path: '/flow_runs/{id:uuid}/input/{key}',
    summary: 'Read Flow Run Input',
    tag,
    handler: async ({ params }, { db }) => {
      const input = await readFlowRunInput(db, params.id!, params.key!);
      if (!input) throw errors.notFound('Flow run input');
      return new Reply(200, input.value, { 'content-type': 'text/plain; charset=utf-8' });
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/flow_runs/{id:uuid}/input/{key}',
    summary: 'Delete Flow Run Input',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteFlowRunInput(db, params.id!, params.key!))) throw errors.notFound('Flow run input');
    },
  }),
];
