import {
  countVariables,
  createVariable,
  deleteVariable,
  findVariables,
  readVariable,
  readVariableByName,
  updateVariable,
} from '../../entities/variable.ts';
import { detail, errors } from '../../errors.ts';
import { int, list } from '../kinds/index.ts';
import { limitOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import {
  Variable,
  VariableCreate,
  VariablesCountBody,
  VariablesFilterBody,
  VariableUpdate,
} from '../schemas/variables.ts';

const tag = 'Variables';

const notFound = () => detail(404, 'Variable not found.');

export const variableRoutes = [
  defineRoute({
    method: 'post',
    path: '/variables/',
    summary: 'Create Variable',
    tag,
    body: VariableCreate,
    response: Variable,
    status: 201,
    handler: async ({ body }, { db }) => {
      const variable = await createVariable(db, body);
      if (!variable) throw errors.conflict(`A variable with the name '${body.name}' already exists.`);
      return variable;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/variables/{id:uuid}',
    summary: 'Read Variable',
    tag,
    response: Variable,
    handler: async ({ params }, { db }) => {
      const variable = await readVariable(db, params.id!);
      if (!variable) throw notFound();
      return variable;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/variables/name/{name}',
    summary: 'Read Variable By Name',
    tag,
    response: Variable,
    handler: async ({ params }, { db }) => {
      const variable = await readVariableByName(db, params.name!);
      if (!variable) throw notFound();
      return variable;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/variables/filter',
    summary: 'Read Variables',
    tag,
    body: VariablesFilterBody,
    response: list(Variable),
    handler: ({ body }, context) =>
      findVariables(context.db, body.variables, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'post',
    path: '/variables/count',
    summary: 'Count Variables',
    tag,
    body: VariablesCountBody,
    response: int(),
    handler: ({ body }, { db }) => countVariables(db, body.variables),
  }),
  defineRoute({
    method: 'patch',
    path: '/variables/{id:uuid}',
    summary: 'Update Variable',
    tag,
    body: VariableUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!(await updateVariable(db, { id: params.id! }, body))) throw notFound();
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/variables/name/{name}',
    summary: 'Update Variable By Name',
    tag,
    body: VariableUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!(await updateVariable(db, { name: params.name! }, body))) throw notFound();
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/variables/{id:uuid}',
    summary: 'Delete Variable',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteVariable(db, { id: params.id! }))) throw notFound();
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/variables/name/{name}',
    summary: 'Delete Variable By Name',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteVariable(db, { name: params.name! }))) throw notFound();
    },
  }),
];
