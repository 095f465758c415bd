import { afterAll, beforeAll, expect, test } from 'vitest';
import { now } from '../../src/time/timestamp.ts';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({
    PREFECT_SERVER_FLOW_RUN_GRAPH_MAX_NODES: '2000',
    PREFECT_SERVER_FLOW_RUN_GRAPH_MAX_ARTIFACTS: '3',
  });
});
afterAll(() => api.close());

interface Graph {
  root_node_ids: string[];
  nodes: [string, { id: string; label: string; parents: { id: string }[]; children: { id: string }[] }][];
  artifacts: unknown[];
}

async function aFlowRun(): Promise<string> {
  const { id: flow_id } = (await api.post('/flows/', { name: 'drawn' })).body as { id: string };
  return ((await api.post('/flow_runs/', { flow_id })).body as { id: string }).id;
}

const idOf = (run: number, i: number): string =>
  `${run}0000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

/** Task runs one after another, each fed by the one before. */
async function addChain(flowRunId: string, run: number, length: number): Promise<void> {
  await api.db.insertMany(
    api.db.tables.task_run,
    Array.from({ length }, (_, i) => ({
      id: idOf(run, i),
      name: `task-${i}`,
      flow_run_id: flowRunId,
      task_key: 'k',
      dynamic_key: String(i),
      state_type: 'COMPLETED' as const,
      expected_start_time: now(),
      end_time: now(),
      task_inputs: i === 0 ? {} : { x: [{ input_type: 'task_run', id: idOf(run, i - 1) }] },
    })),
  );
}

const graphOf = (id: string, query = '') => api.ask('GET', `/flow_runs/${id}/graph-v2${query}`);

test('two thousand task runs in one answer, in the order of their beginnings', async () => {
  const id = await aFlowRun();
  await addChain(id, 1, 2000);
  const answer = await graphOf(id);
  expect(answer.status).toBe(200);
  const { nodes, root_node_ids } = answer.body as Graph;
  expect(root_node_ids).toEqual([idOf(1, 0)]);
  expect(nodes.map(([, { label }]) => label)).toEqual(Array.from({ length: 2000 }, (_, i) => `task-${i}`));
  const [, middle] = nodes[1000]!;
  expect([middle.parents, middle.children]).toEqual([[{ id: idOf(1, 999) }], [{ id: idOf(1, 1001) }]]);
});

test('a graph of more nodes than the setting allows is refused, and a part of it is drawn', async () => {
  const id = await aFlowRun();
  await addChain(id, 2, 2001);
  const refused = await graphOf(id);
  expect(refused.status).toBe(400);
  expect(refused.body).toEqual({ detail: `The graph of flow run ${id} has more than 2000 nodes.` });
  const all = await graphOf(id, '?since=2020-01-01T00:00:00Z');
  expect(all.status).toBe(400);
  const { task_run } = api.db.tables;
  const rows = await api.db.orm.select({ end: task_run.end_time }).from(task_run).orderBy(task_run.end_time);
  const part = (await graphOf(id, `?since=${rows.at(-5)!.end}`)).body as Graph;
  expect(part.nodes.map(([node]) => node)).toEqual([1996, 1997, 1998, 1999, 2000].map((i) => idOf(2, i)));
  // What was before stays a parent.
  expect(part.nodes[0]![1].parents).toEqual([{ id: idOf(2, 1995) }]);
  expect(part.root_node_ids).toEqual([]);
});

test('as many artifacts are shown as the setting says, the oldest first', async () => {
  const id = await aFlowRun();
  for (const n of [1, 2, 3, 4]) {
    await api.post('/artifacts/', { type: 'progress', data: n, flow_run_id: id });
  }
  const { artifacts } = (await graphOf(id)).body as Graph;
  expect(artifacts).toMatchObject([{ data: 1 }, { data: 2 }, { data: 3 }]);
});

test('edges of a graph with very many are told once each', async () => {
  const id = await aFlowRun();
  const layer = (run: number, sources: number[]) =>
    Array.from({ length: 50 }, (_, i) => ({
      id: idOf(run, i),
      name: `${run}-${i}`,
      flow_run_id: id,
      task_key: `k${run}`,
      dynamic_key: String(i),
      state_type: 'COMPLETED' as const,
      expected_start_time: now(),
      task_inputs: Object.fromEntries(
        sources.map((source) => [
          `from-${source}`,
          Array.from({ length: 50 }, (_, j) => ({ input_type: 'task_run', id: idOf(source, j) })),
        ]),
      ),
    }));
  await api.db.insertMany(api.db.tables.task_run, [...layer(3, []), ...layer(4, [3])]);
  await api.db.insertMany(api.db.tables.task_run, layer(5, [3, 4]));
  await api.db.insertMany(api.db.tables.task_run, layer(6, [4, 5]));
  const { nodes } = (await graphOf(id)).body as Graph;
  const last = nodes.at(-1)![1];
  expect(new Set(last.parents.map((parent) => parent.id)).size).toBe(100);
  expect(last.parents).toHaveLength(100);
});
