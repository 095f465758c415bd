import {
  countAutomations,
  deleteAutomation,
  deleteOwnedAutomations,
  findAutomations,
  findRelatedAutomations,
  readAutomation,
  updateAutomation,
} from '../../entities/automation.ts';
import { errors } from '../../errors.ts';
import { int, json, list } from '../kinds/index.ts';
import { limitOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import {
  Automation,
  AutomationPartialUpdate,
  AutomationsCountBody,
  AutomationsFilterBody,
} from '../schemas/automations.ts';

const tag = 'Automations';

const notFound = () => errors.missing('Automation not found');

/**
 * What there is of automations before anything evaluates their triggers: those of a database that Prefect has made
 * can be seen, switched off and taken away, and a client that deploys finds what it asks for. None can be made.
 */
export const automationRoutes = [
  defineRoute({
    method: 'post',
    path: '/automations/filter',
    summary: 'Read Automations',
    tag,
    body: AutomationsFilterBody,
    response: list(Automation),
    handler: ({ body }, context) =>
      findAutomations(context.db, body.automations, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'post',
    path: '/automations/count',
    summary: 'Count Automations',
    tag,
    body: AutomationsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countAutomations(db, body.automations),
  }),
  defineRoute({
    method: 'get',
    path: '/automations/{id:uuid}',
    summary: 'Read Automation',
    tag,
    response: Automation,
    handler: async ({ params }, { db }) => {
      const automation = await readAutomation(db, params.id!);
      if (!automation) throw notFound();
      return automation;
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/automations/{id:uuid}',
    summary: 'Patch Automation',
    tag,
    body: AutomationPartialUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!(await updateAutomation(db, params.id!, body))) throw notFound();
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/automations/{id:uuid}',
    summary: 'Delete Automation',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteAutomation(db, params.id!))) throw notFound();
    },
  }),
  defineRoute({
    method: 'get',
    path: '/automations/related-to/{resource_id}',
    summary: 'Read Automations Related To Resource',
    tag,
    response: list(Automation),
    handler: ({ params }, { db }) => findRelatedAutomations(db, params['resource_id']!),
  }),
  defineRoute({
    method: 'delete',
    path: '/automations/owned-by/{resource_id}',
    summary: 'Delete Automations Owned By Resource',
    tag,
    status: 202,
    response: json(),
    handler: async ({ params }, { db }) => {
      await deleteOwnedAutomations(db, params['resource_id']!);
      return null;
    },
  }),
];
