import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import type { Database, Tables } from '../../src/db/database.ts';
import { JsonText } from '../../src/json/json.ts';
import { STATE_TYPES } from '../../src/schema/types.ts';
import { addSeconds, type Timestamp } from '../../src/time/timestamp.ts';

type Row<T extends keyof Tables> = Tables[T]['$inferSelect'];

/** Rows of every kind that filters look at, as they are in the database. */
export interface World {
  flows: Row<'flow'>[];
  pools: Row<'work_pool'>[];
  queues: Row<'work_queue'>[];
  deployments: Row<'deployment'>[];
  flowRuns: Row<'flow_run'>[];
  taskRuns: Row<'task_run'>[];
  artifacts: Row<'artifact'>[];
  collections: Row<'artifact_collection'>[];
  logs: Row<'log'>[];
}

let made = 0;
/** In the order of creation, so that a world is the same each time it is made. */
const newId = (): string => `00000000-0000-4000-8000-${(++made).toString(16).padStart(12, '0')}`;

const BEGAN = '2026-11-21T10:00:00.000000Z';

/** Few values, so that filters meet: ties, neighbours a microsecond apart, and all that means something to LIKE. */
export const NAMES = ['a', 'b', 'ab', 'abc', 'AB', 'a b', 'a_b', 'a%b', "a'b", 'a"b', 'a\\b', 'xyz', 'Xy'];
export const TAGS = ['t', 'u', 'T', 't u', "t'u", '"'];
export const MOMENTS: Timestamp[] = [-3600, -60, -1, -0.000001, 0, 0.000001, 1, 60, 3600].map((seconds) =>
  addSeconds(BEGAN, seconds),
);
export const STATE_NAMES = ['Scheduled', 'Late', 'Running', 'Completed', 'Failed'];
export const CREATORS = [newId(), newId()];
export const CREATOR_TYPES = ['DEPLOYMENT', 'AUTOMATION'];
export const WORDS = ['error', 'Error', 'disk', '100%', 'under_score', 'a/b', 'quiet "one"', 'back\\slash'];

/** A value of each member, drawn from what it may be; the same world for the same seed. */
class Dice {
  private seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  from<T>(values: readonly T[]): T {
    return this.draw(fc.constantFrom(...values));
  }

  maybe<T>(values: readonly T[]): T | null {
    return this.draw(fc.option(fc.constantFrom(...values)));
  }

  some<T>(values: readonly T[], maxLength = 3): T[] {
    return this.draw(fc.subarray([...values], { maxLength: Math.min(maxLength, values.length) }));
  }

  draw<T>(arbitrary: fc.Arbitrary<T>): T {
    return fc.sample(arbitrary, { numRuns: 1, seed: this.seed++ })[0]!;
  }
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id);

/** Writes a world into an empty database and reads it back, so that defaults are in it. */
export async function makeWorld(db: Database, seed = 1): Promise<World> {
  const dice = new Dice(seed);
  const t = db.tables;
  const stamps = () => ({ created: dice.from(MOMENTS), updated: dice.from(MOMENTS) });

  const flows = times(8, (i) => ({
    ...stamps(),
    id: newId(),
    name: NAMES[i]!,
    tags: dice.some(TAGS),
  }));
  const pools = times(3, (i) => ({
    id: newId(),
    name: NAMES[i]!,
    type: dice.from(['process', 'docker']),
  }));
  const queues = times(6, (i) => ({
    id: newId(),
    name: NAMES[i]!,
    work_pool_id: dice.from(ids(pools)),
  }));
  const deployments = times(10, (i) => ({
    ...stamps(),
    id: newId(),
    name: NAMES[i]!,
    // Some flows have none.
    flow_id: dice.from(ids(flows).slice(0, 5)),
    tags: dice.some(TAGS),
    paused: dice.from([true, false]),
    work_queue_name: dice.maybe(NAMES),
    work_queue_id: dice.maybe(ids(queues)),
  }));
  const flowRuns = times(90, () => ({
    ...stamps(),
    id: newId(),
    name: dice.from(NAMES),
    flow_id: dice.from(ids(flows).slice(0, 7)),
    flow_version: dice.maybe(['1', '2']),
    deployment_id: dice.maybe(ids(deployments)),
    work_queue_id: dice.maybe(ids(queues)),
    work_queue_name: dice.maybe(NAMES),
    tags: dice.some(TAGS),
    state_type: dice.from(STATE_TYPES),
    state_name: dice.from(STATE_NAMES),
    state_timestamp: dice.from(MOMENTS),
    expected_start_time: dice.maybe(MOMENTS),
    next_scheduled_start_time: dice.maybe(MOMENTS),
    start_time: dice.maybe(MOMENTS),
    end_time: dice.maybe(MOMENTS),
    total_run_time: dice.from([0, 0.25, 12.5, 3600.000001]),
    idempotency_key: dice.maybe(times(40, String)),
    created_by: dice.maybe([
      { id: CREATORS[0]!, type: CREATOR_TYPES[0]!, display_value: 'x' },
      { id: CREATORS[1]!, type: CREATOR_TYPES[1]!, display_value: 'y' },
    ]),
    parameters: new JsonText('{"x": 1.0}'),
  }));
  const taskRuns = times(120, (i) => ({
    ...stamps(),
    id: newId(),
    name: dice.from(NAMES),
    flow_run_id: dice.maybe(ids(flowRuns).slice(0, 60)),
    task_key: 'key',
    dynamic_key: String(i),
    tags: dice.some(TAGS),
    state_type: dice.from(STATE_TYPES),
    state_name: dice.from(STATE_NAMES),
    state_timestamp: dice.from(MOMENTS),
    expected_start_time: dice.maybe(MOMENTS),
    next_scheduled_start_time: dice.maybe(MOMENTS),
    start_time: dice.maybe(MOMENTS),
    end_time: dice.maybe(MOMENTS),
    total_run_time: dice.from([0, 1.5]),
  }));
  const ofArtifact = {
    key: () => dice.maybe(['report', 'Report', 'table-1', 'a_b']),
    type: () => dice.maybe(['result', 'markdown', 'table']),
    run: () => dice.maybe(ids(flowRuns).slice(0, 12)),
    task: () => dice.maybe(ids(taskRuns).slice(0, 12)),
  };
  const artifacts = times(60, () => ({
    ...stamps(),
    id: newId(),
    key: ofArtifact.key(),
    type: ofArtifact.type(),
    flow_run_id: ofArtifact.run(),
    task_run_id: ofArtifact.task(),
  }));
  const collections = ['report', 'Report', 'table-1', 'a_b', 'x', ...times(12, String)].map((key) => ({
    ...stamps(),
    id: newId(),
    key,
    latest_id: dice.from(ids(artifacts)),
    type: ofArtifact.type(),
    flow_run_id: ofArtifact.run(),
    task_run_id: ofArtifact.task(),
  }));
  const logs = times(80, () => ({
    id: newId(),
    name: dice.from(['prefect.flow_runs', 'my.logger']),
    level: dice.from([0, 10, 20, 30, 40, 50]),
    message: dice.some(WORDS).join(' '),
    timestamp: dice.from(MOMENTS),
    flow_run_id: ofArtifact.run(),
    task_run_id: ofArtifact.task(),
  }));

  await db.insertMany(t.flow, flows);
  await db.insertMany(t.work_pool, pools);
  await db.insertMany(t.work_queue, queues);
  await db.insertMany(t.deployment, deployments);
  await db.insertMany(t.flow_run, flowRuns, { onConflictDoNothing: true });
  const written = new Set(ids(await db.orm.select().from(t.flow_run)));
  await db.insertMany(
    t.task_run,
    taskRuns.map((run) => ({
      ...run,
      flow_run_id: run.flow_run_id && written.has(run.flow_run_id) ? run.flow_run_id : null,
    })),
  );
  for (const id of ids(flowRuns).slice(0, 30)) {
    await db.orm
      .update(t.flow_run)
      .set({ parent_task_run_id: dice.from(ids(taskRuns)) })
      .where(eq(t.flow_run.id, id));
  }
  await db.insertMany(t.artifact, artifacts);
  await db.insertMany(t.artifact_collection, collections);
  await db.insertMany(t.log, logs);
  await giveStates(db);
  return readWorld(db);
}

async function giveStates(db: Database): Promise<void> {
  const { flow_run, flow_run_state, task_run, task_run_state } = db.tables;
  for (const run of await db.orm.select().from(flow_run)) {
    const id = newId();
    const state = { id, type: run.state_type!, name: run.state_name!, timestamp: run.state_timestamp! };
    await db.orm.insert(flow_run_state).values({ ...state, flow_run_id: run.id });
    await db.orm.update(flow_run).set({ state_id: id, updated: run.updated }).where(eq(flow_run.id, run.id));
  }
  for (const run of await db.orm.select().from(task_run)) {
    const id = newId();
    const state = { id, type: run.state_type!, name: run.state_name!, timestamp: run.state_timestamp! };
    await db.orm.insert(task_run_state).values({ ...state, task_run_id: run.id });
    await db.orm.update(task_run).set({ state_id: id, updated: run.updated }).where(eq(task_run.id, run.id));
  }
}

async function readWorld({ orm, tables: t }: Database): Promise<World> {
  return {
    flows: await orm.select().from(t.flow).orderBy(t.flow.id),
    pools: await orm.select().from(t.work_pool).orderBy(t.work_pool.id),
    queues: await orm.select().from(t.work_queue).orderBy(t.work_queue.id),
    deployments: await orm.select().from(t.deployment).orderBy(t.deployment.id),
    flowRuns: await orm.select().from(t.flow_run).orderBy(t.flow_run.id),
    taskRuns: await orm.select().from(t.task_run).orderBy(t.task_run.id),
    artifacts: await orm.select().from(t.artifact).orderBy(t.artifact.id),
    collections: await orm.select().from(t.artifact_collection).orderBy(t.artifact_collection.id),
    logs: await orm.select().from(t.log).orderBy(t.log.id),
  };
}
