import type { Database } from '../../db/database.ts';
import { readPolledPool } from '../../entities/work-pool/work-poll.ts';
import { checkTemplateDefaults, createWorkPool } from '../../entities/work-pool/work-pool.ts';
import { updateWorkPool } from '../../entities/work-pool/work-pool-change.ts';
import { readWorkPool } from '../../entities/work-pool/work-pool-lookup.ts';
import type { JsonText } from '../../json/json.ts';
import { type Frames, type Hello, Refusal } from './worker-frames.ts';

/** A worker may bring its pool along, and the template that the pool hasn't. */
export async function ensurePool(
  db: Database,
  poolName: string,
  hello: Hello['payload'],
  frames: Frames,
): Promise<void> {
  const { worker_type: type, default_base_job_template: template } = hello;
  const pool = await readWorkPool(db, poolName);
  if (pool) {
    if (pool.base_job_template.text === '{}' && template.text !== '{}') {
      await checkTemplate(db, template, frames);
      await updateWorkPool(db, poolName, { base_job_template: template });
    }
    return;
  }
  if (!hello.create_pool_if_not_found || poolName.toLowerCase().startsWith('prefect')) {
    throw new Refusal('authorization_failed');
  }
  await checkTemplate(db, template, frames);
  await createWorkPool(db, { name: poolName, type, base_job_template: template }).catch(async (error) => {
    // Another worker of the pool may have come at the same time.
    if (!(await readWorkPool(db, poolName))) throw error;
  });
}

async function checkTemplate(db: Database, template: JsonText, frames: Frames): Promise<void> {
  if (frames.templateProblem(template) !== undefined) throw new Refusal('protocol_error');
  await checkTemplateDefaults(db, template);
}

/** The queues of these names, or all. @throws Refusal when one isn't there */
export async function resolveQueues(
  db: Database,
  poolName: string,
  names: string[],
): Promise<{ id: string; name: string }[]> {
  const found = await readPolledPool(db, poolName);
  const queues = (found?.queues ?? []).map(({ id, name }) => ({ id, name }));
  if (names.length === 0) return queues;
  return [...new Set(names)].map((name) => {
    const queue = queues.find((one) => one.name === name);
    if (!queue) throw new Refusal('authorization_failed');
    return queue;
  });
}
