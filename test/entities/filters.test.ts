import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import {
  countArtifacts,
  countLatestArtifacts,
  findArtifacts,
  findLatestArtifacts,
} from '../../src/entities/artifact-query.ts';
import { countDeployments, findDeployments } from '../../src/entities/deployment/query.ts';
import { countFlows, findFlows } from '../../src/entities/flow-query.ts';
import { countFlowRuns, findFlowRuns } from '../../src/entities/flow-run/query.ts';
import { findLogs } from '../../src/entities/log.ts';
import { countTaskRuns, findTaskRuns } from '../../src/entities/task-run/query.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { filterOf, single, valuesFor } from './filter-arbitrary.ts';
import { checks, type Entity, expected } from './reference.ts';
import { makeWorld, type World } from './world.ts';

let own: TestDatabase;
let db: Database;
let world: World;

beforeAll(async () => {
  own = await createTestDatabase();
  db = own.db;
  world = await makeWorld(db);
});
afterAll(() => own.dispose());

const ALL = { limit: 1000, offset: 0 };
const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id).sort();

/** Lists and counts by the same filters, and compares both with what the rows in memory say. */
const lists = {
  flows: async (filters: object) => ({
    found: await findFlows(db, filters, { sort: 'NAME_ASC', ...ALL }),
    count: await countFlows(db, filters),
  }),
  deployments: async (filters: object) => ({
    found: await findDeployments(db, filters, { sort: 'NAME_ASC', ...ALL }),
    count: await countDeployments(db, filters),
  }),
  flowRuns: async (filters: object) => ({
    found: await findFlowRuns(db, filters, { sort: 'ID_DESC', ...ALL }),
    count: await countFlowRuns(db, filters),
  }),
  taskRuns: async (filters: object) => ({
    found: await findTaskRuns(db, filters, { sort: 'ID_DESC', ...ALL }),
    count: await countTaskRuns(db, filters),
  }),
  artifacts: async (filters: object) => ({
    found: await findArtifacts(db, filters, { sort: 'ID_DESC', ...ALL }),
    count: await countArtifacts(db, filters),
  }),
  collections: async (filters: object) => ({
    found: await findLatestArtifacts(db, filters, { sort: 'ID_DESC', ...ALL }),
    count: await countLatestArtifacts(db, filters),
  }),
  logs: async (filter: object) => {
    const found = await findLogs(db, filter, { sort: 'TIMESTAMP_ASC', ...ALL });
    return { found, count: found.length };
  },
};
type List = keyof typeof lists;

async function compare(list: List, filters: object): Promise<number> {
  const { found, count } = await lists[list](filters);
  const wanted = ids(expected[list](world, filters));
  expect(ids(found), JSON.stringify(filters)).toEqual(wanted);
  expect(count, `count of ${JSON.stringify(filters)}`).toBe(wanted.length);
  return wanted.length;
}

/** The list in which a filter stands for its own rows, and its name there. */
const HOME: Record<Entity, [list: List, key: string | null]> = {
  flow: ['flows', 'flows'],
  flowRun: ['flowRuns', 'flow_runs'],
  taskRun: ['taskRuns', 'task_runs'],
  deployment: ['deployments', 'deployments'],
  workPool: ['flowRuns', 'work_pools'],
  workQueue: ['flowRuns', 'work_pool_queues'],
  artifact: ['artifacts', 'artifacts'],
  collection: ['collections', 'artifacts'],
  log: ['logs', null],
};

const sizeOf = (list: List): number => world[list].length;

describe.each(Object.keys(checks) as Entity[])('the filter of a %s', (entity) => {
  const [list, key] = HOME[entity];
  const asked = (filter: object): object => (key === null ? filter : { [key]: filter });

  test.each(Object.keys(checks[entity]))('%s', async (path) => {
    const values = fc.sample(valuesFor(world)[entity][path]!, { numRuns: 30, seed: 7 });
    const sizes = new Set<number>();
    for (const value of new Set(values)) sizes.add(await compare(list, asked(single(path, value))));
    // One that found the same whatever it was asked would prove little.
    expect(sizes.size).toBeGreaterThan(1);
  });

  test('several fields and operators at once, combined either way', async () => {
    await fc.assert(
      fc.asyncProperty(filterOf(valuesFor(world)[entity]), async (filter) => {
        await compare(list, asked(filter));
      }),
      { numRuns: 120 },
    );
  });
});

const related = () => {
  const values = valuesFor(world);
  const given = (entity: Entity) => fc.option(filterOf(values[entity]), { nil: undefined, freq: 2 });
  return fc.record({
    flows: given('flow'),
    flow_runs: given('flowRun'),
    task_runs: given('taskRun'),
    deployments: given('deployment'),
    work_pools: given('workPool'),
    work_pool_queues: given('workQueue'),
  });
};

test.each(['flows', 'deployments', 'flowRuns', 'taskRuns'] as const)(
  '%s by what belongs to them',
  async (list) => {
    const filters = related().map((all) =>
      list === 'flows' ? { ...all, work_pool_queues: undefined } : all,
    );
    await fc.assert(
      fc.asyncProperty(filters, async (all) => void (await compare(list, all))),
      { numRuns: 150 },
    );
  },
);

test.each(['artifacts', 'collections'] as const)('%s by the runs that made them', async (list) => {
  const filters = related().map(({ flows, flow_runs, task_runs, deployments }) => ({
    flows,
    flow_runs,
    task_runs,
    deployments,
  }));
  await fc.assert(
    fc.asyncProperty(filters, async (all) => void (await compare(list, all))),
    { numRuns: 100 },
  );
});

test('an empty filter of something related asks for it to be there', async () => {
  const empty = {
    flows: {},
    flow_runs: {},
    task_runs: {},
    deployments: {},
    work_pools: {},
    work_pool_queues: {},
  };
  const sizes = [];
  for (const [name, filter] of Object.entries(empty)) {
    await compare('flows', { [name]: name === 'work_pool_queues' ? undefined : filter });
    await compare('deployments', { [name]: filter });
    sizes.push(await compare('flowRuns', { [name]: filter }));
    await compare('taskRuns', { [name]: filter });
  }
  expect(Math.min(...sizes)).toBeLessThan(sizeOf('flowRuns'));
});

test('ids overrule what is said of null for the flow run of a task run, as in Prefect', async () => {
  const any_ = world.flowRuns.map(({ id }) => id);
  const find = async (flow_run_id: object) => (await lists.taskRuns({ task_runs: { flow_run_id } })).count;
  const having = world.taskRuns.filter((run) => run.flow_run_id !== null).length;
  expect(await find({})).toBe(having);
  expect(await find({ is_null_: false, any_ })).toBe(having);
  expect(await find({ is_null_: true, any_ })).toBe(sizeOf('taskRuns') - having);
  expect(await find({ is_null_: null })).toBe(sizeOf('taskRuns'));
});

test("a deployment's old concurrency limit is accepted and asks for nothing", async () => {
  const filters = { deployments: { concurrency_limit: { ge_: 1, le_: 2, is_null_: true } } };
  const having = world.flowRuns.filter((run) => run.deployment_id !== null).length;
  expect(await countFlowRuns(db, filters)).toBe(having);
});

interface Model {
  properties: Record<string, { anyOf?: object[]; $ref?: string }>;
}

test('every field and operator of the document is one of these', () => {
  const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
    components: { schemas: Record<string, Model> };
  };
  const pathsOf = (name: string): string[] =>
    Object.entries(document.components.schemas[name]!.properties).flatMap(([field, schema]) => {
      if (field === 'operator') return [];
      const reference = /"#\/components\/schemas\/(\w+Filter\w*)"/.exec(JSON.stringify(schema));
      return reference ? pathsOf(reference[1]!).map((path) => `${field}.${path}`) : [field];
    });
  const models: Record<Entity, string> = {
    flow: 'FlowFilter',
    flowRun: 'FlowRunFilter',
    taskRun: 'TaskRunFilter',
    deployment: 'DeploymentFilter',
    workPool: 'WorkPoolFilter',
    workQueue: 'WorkQueueFilter',
    artifact: 'ArtifactFilter',
    collection: 'ArtifactCollectionFilter',
    log: 'LogFilter',
  };
  for (const [entity, model] of Object.entries(models)) {
    const paths = pathsOf(model).filter((path) => !/^(concurrency_limit\.|text\.)/.test(path));
    expect(Object.keys(checks[entity as Entity]).sort(), model).toEqual(paths.sort());
  }
});
