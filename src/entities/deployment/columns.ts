import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { errors } from '../../errors.ts';
import type { JsonText } from '../../json/json.ts';
import type { DeploymentRow } from './deployment.ts';

/** What a client says of a deployment; what is absent stays as it is, or gets its column's default. */
export type DeploymentFields = Partial<
  Pick<
    DeploymentRow,
    | 'concurrency_options'
    | 'description'
    | 'enforce_parameter_schema'
    | 'entrypoint'
    | 'infrastructure_document_id'
    | 'parameter_openapi_schema'
    | 'path'
    | 'paused'
    | 'pull_steps'
    | 'storage_document_id'
    | 'tags'
    | 'version'
    | 'work_queue_name'
  >
> & {
  parameters?: JsonText | null;
  /** The column is called infra_overrides. Null leaves it. */
  job_variables?: JsonText | null;
  work_pool_name?: string | null;
  /** Of a limit of its own; null ends it. */
  concurrency_limit?: number | null;
  global_concurrency_limit_id?: string | null;
  /** Accepted and kept nowhere, as in Prefect's own server. */
  version_info?: unknown;
};

const PLAIN = [
  'concurrency_options',
  'description',
  'enforce_parameter_schema',
  'entrypoint',
  'infrastructure_document_id',
  'parameter_openapi_schema',
  'parameters',
  'path',
  'paused',
  'pull_steps',
  'storage_document_id',
  'tags',
  'version',
  'work_queue_name',
] as const;

/** The columns that these fields set by themselves. */
export function columnsOf(fields: DeploymentFields): Partial<DeploymentRow> {
  const columns: Record<string, unknown> = {};
  for (const name of PLAIN) if (fields[name] !== undefined) columns[name] = fields[name];
  if (fields.job_variables) columns['infra_overrides'] = fields.job_variables;
  if (fields.global_concurrency_limit_id !== undefined) {
    columns['concurrency_limit_id'] = fields.global_concurrency_limit_id;
  }
  return columns;
}

/** @throws HttpError 404 */
export async function checkGlobalLimit(db: Database, id: string | null | undefined): Promise<void> {
  if (!id) return;
  const { concurrency_limit_v2: limit } = db.tables;
  const [found] = await db.orm.select({ id: limit.id }).from(limit).where(eq(limit.id, id));
  if (!found) throw errors.notFound('Concurrency limit');
}
