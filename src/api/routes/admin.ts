import {
  clearDefaultStorage,
  readDefaultStorage,
  storageProblem,
  writeDefaultStorage,
} from '../../entities/block/default-storage.ts';
import { detail, errors } from '../../errors.ts';
import { PREFECT_VERSION } from '../../version.ts';
import { jsonObject, string } from '../kinds/index.ts';
import { defineRoute } from '../route.ts';
import { ServerDefaultResultStorage, ServerDefaultResultStorageUpdate } from '../schemas/admin.ts';
import { settingsAnswer } from '../settings-answer.ts';

const tag = 'Admin';

export const adminRoutes = [
  defineRoute({
    method: 'get',
    path: '/admin/settings',
    summary: 'Read Settings',
    tag,
    response: jsonObject(),
    handler: async (_input, { settings }) => settingsAnswer(settings),
  }),
  defineRoute({
    method: 'get',
    path: '/admin/version',
    summary: 'Read Version',
    tag,
    response: string(),
    handler: async () => PREFECT_VERSION,
  }),
  defineRoute({
    method: 'get',
    path: '/admin/storage',
    summary: 'Read Server Default Result Storage',
    tag,
    response: ServerDefaultResultStorage,
    handler: (_input, { db }) => readDefaultStorage(db),
  }),
  defineRoute({
    method: 'put',
    path: '/admin/storage',
    summary: 'Update Server Default Result Storage',
    tag,
    body: ServerDefaultResultStorageUpdate,
    response: ServerDefaultResultStorage,
    handler: async ({ body }, { db }) => {
      const id = body.default_result_storage_block_id;
      await db.transaction(async () => {
        const problem = await storageProblem(db, id);
        if (problem === 'missing') throw detail(404, `Block document ${id} not found.`);
        if (problem) throw errors.unprocessable(`Block document ${id} cannot be used for result storage.`);
        await writeDefaultStorage(db, body);
      });
      return body;
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/admin/storage',
    summary: 'Clear Server Default Result Storage',
    tag,
    status: 204,
    handler: (_input, { db }) => clearDefaultStorage(db),
  }),
];
