import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { findArtifacts, findLatestArtifacts } from '../../src/entities/artifact-query.ts';
import { findDeployments } from '../../src/entities/deployment/query.ts';
import { findFlows } from '../../src/entities/flow-query.ts';
import { findFlowRuns } from '../../src/entities/flow-run/query.ts';
import { findLogs } from '../../src/entities/log.ts';
import { findTaskRuns } from '../../src/entities/task-run/query.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeWorld, type World } from './world.ts';

let own: TestDatabase;
let db: Database;
let world: World;

beforeAll(async () => {
  own = await createTestDatabase();
  db = own.db;
  world = await makeWorld(db, 2);
});
afterAll(() => own.dispose());

type Value = string | number | null;
interface Sorted {
  name: string;
  list: (limit: number, offset: number) => Promise<{ id: string }[]>;
  rows: () => { id: string }[];
  value: (row: never) => Value;
  descending: boolean;
}

/** Names whose order is the same in every collation. */
const PLAIN = { name: { any_: ['a', 'b', 'ab', 'abc', 'xyz'] } };
const isPlain = ({ name }: { name: string }) => PLAIN.name.any_.includes(name);
/** Capitals and signs differ in order between collations: for keys they are left out too. */
const PLAIN_KEY = { key: { any_: ['report', 'x', '1', '2', '3'] } };
const isPlainKey = ({ key }: { key: string | null }) => PLAIN_KEY.key.any_.includes(key ?? '');

type Run = World['flowRuns'][number];
const runSorts = {
  ID_DESC: ({ id }: Run) => id,
  EXPECTED_START_TIME_ASC: (run: Run) => run.expected_start_time,
  EXPECTED_START_TIME_DESC: (run: Run) => run.expected_start_time,
  NAME_ASC: ({ name }: Run) => name,
  NAME_DESC: ({ name }: Run) => name,
  NEXT_SCHEDULED_START_TIME_ASC: (run: Run) => run.next_scheduled_start_time,
  END_TIME_DESC: (run: Run) => run.end_time,
};
const flowRunSorts = {
  ...runSorts,
  START_TIME_ASC: (run: Run) => run.start_time ?? run.expected_start_time,
  START_TIME_DESC: (run: Run) => run.start_time ?? run.expected_start_time,
};
type Flow = World['flows'][number];
const flowSorts = {
  NAME_ASC: ({ name }: Flow) => name,
  NAME_DESC: ({ name }: Flow) => name,
  CREATED_DESC: ({ created }: Flow) => created,
  UPDATED_DESC: ({ updated }: Flow) => updated,
};
type Keyed = { id: string; key: string | null; created: string; updated: string };
const keySorts = {
  ID_DESC: ({ id }: Keyed) => id,
  KEY_ASC: ({ key }: Keyed) => key,
  KEY_DESC: ({ key }: Keyed) => key,
  CREATED_DESC: ({ created }: Keyed) => created,
  UPDATED_DESC: ({ updated }: Keyed) => updated,
};
type Log = World['logs'][number];
const logSorts = { TIMESTAMP_ASC: (log: Log) => log.timestamp, TIMESTAMP_DESC: (log: Log) => log.timestamp };

function cases<Sort extends string>(
  of: string,
  sorts: Record<Sort, (row: never) => Value>,
  list: (sort: Sort, limit: number, offset: number) => Promise<{ id: string }[]>,
  rows: () => { id: string }[],
): Sorted[] {
  return (Object.keys(sorts) as Sort[]).map((sort) => ({
    name: `${of} by ${sort}`,
    list: (limit, offset) => list(sort, limit, offset),
    rows,
    value: sorts[sort],
    descending: sort.endsWith('DESC'),
  }));
}

const all: Sorted[] = [
  ...cases(
    'flows',
    flowSorts,
    (sort, limit, offset) => findFlows(db, { flows: PLAIN }, { sort, limit, offset }),
    () => world.flows.filter(isPlain),
  ),
  ...cases(
    'deployments',
    flowSorts,
    (sort, limit, offset) => findDeployments(db, { deployments: PLAIN }, { sort, limit, offset }),
    () => world.deployments.filter(isPlain),
  ),
  ...cases(
    'flow runs',
    flowRunSorts,
    (sort, limit, offset) => findFlowRuns(db, { flow_runs: PLAIN }, { sort, limit, offset }),
    () => world.flowRuns.filter(isPlain),
  ),
  ...cases(
    'task runs',
    runSorts,
    (sort, limit, offset) => findTaskRuns(db, { task_runs: PLAIN }, { sort, limit, offset }),
    () => world.taskRuns.filter(isPlain),
  ),
  ...cases(
    'logs',
    logSorts,
    (sort, limit, offset) => findLogs(db, {}, { sort, limit, offset }),
    () => world.logs,
  ),
  ...cases(
    'artifacts',
    keySorts,
    (sort, limit, offset) =>
      findArtifacts(
        db,
        { artifacts: { operator: 'or_', ...PLAIN_KEY, type: { any_: ['table'] } } },
        { sort, limit, offset },
      ),
    () => world.artifacts.filter((row) => isPlainKey(row) || row.type === 'table'),
  ),
  ...cases(
    'latest artifacts',
    keySorts,
    (sort, limit, offset) => findLatestArtifacts(db, { artifacts: PLAIN_KEY }, { sort, limit, offset }),
    () => world.collections.filter(isPlainKey),
  ),
];

/** Null is the largest value, on both engines. */
function compareValues(left: Value, right: Value): number {
  if (left === right) return 0;
  if (left === null) return 1;
  if (right === null) return -1;
  return left < right ? -1 : 1;
}

describe.each(all)('$name', ({ list, rows, value, descending }) => {
  const values = new Map<string, Value>();
  beforeAll(() => {
    for (const row of rows()) values.set(row.id, value(row as never));
  });

  test('all rows come once, in order, page by page', async () => {
    const pages: { id: string }[] = [];
    for (let offset = 0; ; offset += 7) {
      const page = await list(7, offset);
      pages.push(...page);
      if (page.length < 7) break;
    }
    const ids = pages.map(({ id }) => id);
    expect([...ids].sort()).toEqual([...values.keys()].sort());
    const found = ids.map((id) => values.get(id)!);
    const sorted = [...found].sort(compareValues);
    expect(found.map((v) => v ?? null)).toEqual(
      (descending ? sorted.reverse() : sorted).map((v) => v ?? null),
    );
    expect((await list(1000, 0)).map(({ id }) => id)).toEqual(ids);
  });

  test('a limit of nothing and an offset past the end give nothing', async () => {
    expect(await list(0, 0)).toEqual([]);
    expect(await list(10, 10_000)).toEqual([]);
  });
});

test('two logs of one moment stay in the order in which they were written', async () => {
  const { createLogs } = await import('../../src/entities/log.ts');
  const timestamp = '2030-01-01T00:00:00.000000Z';
  const messages = Array.from({ length: 300 }, (_, i) => `line ${i}`);
  const flow_run_id = world.flowRuns[0]!.id;
  await createLogs(
    db,
    messages.map((message) => ({ name: 'n', level: 20, message, timestamp, flow_run_id, task_run_id: null })),
  );
  const filter = { flow_run_id: { any_: [flow_run_id] }, timestamp: { after_: timestamp } };
  const found = await findLogs(db, filter, { sort: 'TIMESTAMP_ASC', limit: 1000, offset: 0 });
  expect(found.map(({ message }) => message)).toEqual(messages);
});
