import type { Database } from '../db/database.ts';
import { IntegrityError, unwrapDatabaseError } from '../db/errors.ts';
import type { FlowRun } from '../entities/flow-run/flow-run.ts';
import { detail, errors, HttpError } from '../errors.ts';
import { type Client, newestClient } from './client.ts';
import { createFlowRun } from './create-flow-run.ts';
import {
  type CreatedBy,
  type DeploymentRunRequest,
  proposeRun,
  RefusedRun,
  type RunnableDeployment,
  readRunnable,
} from './deployment-run.ts';

/**
 * Makes a run of a deployment, scheduled for now unless a state is given. Undefined when there is no such deployment.
 * @throws HttpError when its parameters or job variables don't fit
 */
export async function createDeploymentRun(
  db: Database,
  id: string,
  request: DeploymentRunRequest,
  createdBy: CreatedBy,
  client: Client = newestClient,
): Promise<FlowRun | undefined> {
  const found = await readRunnable(db, id);
  if (!found) return undefined;
  try {
    return await createRun(db, found, request, createdBy, client);
  } catch (error) {
    throw error instanceof RefusedRun ? detail(error.status, error.message) : error;
  }
}

export interface BulkResult {
  flow_run_id: string | null;
  status: 'CREATED' | 'FAILED';
  error: string | null;
}

/** Makes many in one transaction; each that can't be made is left out with the reason. Undefined without a deployment. */
export function createDeploymentRuns(
  db: Database,
  id: string,
  requests: DeploymentRunRequest[],
  createdBy: CreatedBy,
  client: Client = newestClient,
): Promise<BulkResult[] | undefined> {
  return db.transaction(async () => {
    const found = await readRunnable(db, id);
    if (!found) return undefined;
    const results: BulkResult[] = [];
    for (const request of requests) {
      try {
        const run = await createRun(db, found, request, createdBy, client);
        results.push({ flow_run_id: run.id, status: 'CREATED', error: null });
      } catch (error) {
        results.push({ flow_run_id: null, status: 'FAILED', error: reasonAmongMany(error) });
      }
    }
    return results;
  });
}

/** What isn't about this one run ends them all. */
function reasonAmongMany(error: unknown): string {
  if (error instanceof RefusedRun) return error.amongMany;
  if (error instanceof HttpError) return error.message;
  // Of something that it names and that isn't there; a savepoint has undone it.
  if (unwrapDatabaseError(error) instanceof IntegrityError) return errors.integrity().message;
  throw error;
}

async function createRun(
  db: Database,
  deployment: RunnableDeployment,
  request: DeploymentRunRequest,
  createdBy: CreatedBy,
  client: Client,
): Promise<FlowRun> {
  return createFlowRun(db, await proposeRun(db, deployment, request, createdBy), client);
}
