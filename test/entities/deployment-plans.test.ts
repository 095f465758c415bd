import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Engine, Statement } from '../../src/db/engine.ts';
import { readDeployment, readDeploymentByName } from '../../src/entities/deployment/deployment.ts';
import { countDeployments, findDeployments } from '../../src/entities/deployment/query.ts';
import { deleteScheduledRuns } from '../../src/entities/deployment/scheduled-runs.ts';
import { addSeconds } from '../../src/time/timestamp.ts';
import { createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { openNoting } from '../support/noting.ts';

const RUNS = 20_000;
const DEPLOYMENTS = 1000;
const BEGAN = '2100-01-01T00:00:00.000000Z';

let own: EmptyTarget;
let engine: Engine;
let db: Database;
let ids: string[];
let sent: Statement[];

beforeAll(async () => {
  own = await createMigratedTarget();
  ({ db, engine, sent } = await openNoting(own.target));
  await fill();
}, 60_000);

afterAll(async () => {
  await db.close();
  await own.dispose();
});

/** Half of the runs are planned, by the scheduler, and half are over. */
async function fill(): Promise<void> {
  const { deployment, flow, flow_run } = db.tables;
  const [made] = await db.orm.insert(flow).values({ name: 'flow' }).returning();
  const flow_id = made!.id;
  const rows = Array.from({ length: DEPLOYMENTS }, (_, i) => ({
    name: `d-${i}`,
    flow_id,
    paused: i % 2 === 0,
  }));
  const deployed = await db.insertMany(deployment, rows, { returning: [deployment.id] });
  ids = deployed.map((row) => String(row['id']));
  await db.insertMany(
    flow_run,
    Array.from({ length: RUNS }, (_, i) => ({
      flow_id,
      name: `run-${i}`,
      deployment_id: ids[i % DEPLOYMENTS]!,
      state_type: i < RUNS / 2 ? ('SCHEDULED' as const) : ('COMPLETED' as const),
      state_name: i < RUNS / 2 ? 'Scheduled' : 'Completed',
      auto_scheduled: true,
      next_scheduled_start_time: addSeconds(BEGAN, i),
      empirical_policy: {},
    })),
  );
  if (dialect === 'postgres') await db.execute(sql`analyze`);
}

async function planOf(work: () => Promise<unknown>): Promise<string> {
  sent.length = 0;
  await work();
  const plans: string[] = [];
  for (const statement of sent.slice()) {
    const explain = dialect === 'sqlite' ? 'explain query plan ' : 'explain ';
    const lines = await engine.run(
      { sql: explain + statement.sql, params: statement.params },
      'object',
      false,
    );
    plans.push(lines.map((line) => Object.values(line as object).at(-1)).join('\n'));
  }
  return plans.join('\n');
}

const scans = (plan: string, table: string): boolean =>
  dialect === 'sqlite'
    ? new RegExp(`^SCAN ${table}\\b(?! USING)`, 'm').test(plan)
    : new RegExp(`Seq Scan on ${table}\\b`).test(plan);

/** Both have only scheduled runs, by their deployment. */
const PLANNED = /ix_flow_run__(scheduler_deployment_id_auto_scheduled_next_schedu|schedule_id_scheduler)/;

test.each([
  ['planned for the future', { futureOnly: true }],
  ['planned at all', {}],
  ['planned, or asked for by somebody', { automaticOnly: false }],
])("a deployment's runs that are %s go without a look at those of others", async (_, which) => {
  const plan = await planOf(() => deleteScheduledRuns(db, [ids[7]!], which));
  expect(plan).toMatch(PLANNED);
  const many = await planOf(() => deleteScheduledRuns(db, ids.slice(10, 20), which));
  expect(many).toMatch(PLANNED);
});

test('one deployment is read by its index, in one statement', async () => {
  const plan = await planOf(() => readDeployment(db, ids[0]!));
  expect(sent).toHaveLength(1);
  expect(scans(plan, 'deployment'), plan).toBe(false);
  const byName = await planOf(() => readDeploymentByName(db, 'flow', 'd-3'));
  expect(scans(byName, 'deployment'), byName).toBe(false);
});

test('a page of deployments is two statements, whatever their runs and schedules', async () => {
  const page = () => findDeployments(db, {}, { sort: 'CREATED_DESC', limit: 50, offset: 0 });
  const plan = await planOf(page);
  expect(sent).toHaveLength(2);
  expect(scans(plan, 'flow_run'), plan).toBe(false);
  expect(await page()).toHaveLength(50);
});

test('deployments by their runs are found by the index of the runs', async () => {
  const filters = { flow_runs: { state: { type: { any_: ['SCHEDULED'] } } } };
  const plan = await planOf(() => countDeployments(db, filters));
  expect(scans(plan, 'flow_run'), plan).toBe(false);
});
