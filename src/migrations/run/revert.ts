import { sql } from 'drizzle-orm';
import { loadDataStep } from '../chain/data-step.ts';
import { kindHints } from '../chain/kind-hints.ts';
import { folderOf } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import type { Step } from './downgrade.ts';
import type { Job } from './job.ts';
import { type JobsOptions, runJobs } from './jobs.ts';
import { checksumOfDone } from './progress-table.ts';

/** Under the lock of migrations. */
export function revertSteps(
  connection: MigrationConnection,
  steps: readonly Step[],
  options: JobsOptions,
): Promise<void> {
  const chainFolder = folderOf(connection, options);
  const jobs = steps.map(
    (step, index) => () => downJob(connection, step, chainFolder, [index + 1, steps.length]),
  );
  return runJobs(connection, jobs, options);
}

async function downJob(
  connection: MigrationConnection,
  { row, down, data }: Step,
  chainFolder: string,
  [number, of]: [number, number],
): Promise<Job> {
  const { id, name } = row;
  const { statements, transactional } = down;
  const loaded = data && (await loadDataStep(data));
  const undone = loaded?.step.down ? loaded : null;
  return {
    ...{ direction: 'down', id, name, number, of, statements, transactional, from: id },
    data: undone,
    hint: kindHints(connection.chain, chainFolder, data?.name ?? ''),
    checksum: checksumOfDone([...statements, undone?.checksum ?? ''], statements.length + 1),
    finish: async () => {
      await connection.query(sql`delete from _migrations where id = ${id}`);
    },
  };
}
