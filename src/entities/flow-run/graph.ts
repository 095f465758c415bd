import { and, asc, eq, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import type { StateType } from '../run/state.ts';
import { type GraphEdge, linkNodes, type TaskInputs } from './graph-edges.ts';

export interface GraphLimits {
  maxNodes: number;
  maxArtifacts: number;
}

export class GraphTooLarge extends Error {}

interface GraphRun {
  kind: 'flow-run' | 'task-run';
  id: string;
  label: string;
  state_type: StateType | null;
  start_time: Timestamp;
  end_time: Timestamp | null;
  inputs: TaskInputs;
}

/** A part of a graph since a moment may stand among so many times as many runs as it may have itself. */
const AROUND = 10;

/**
 * The task runs of a flow run, a subflow in the place of the task run that stands for it, and what went from one to
 * another; undefined when there is no such flow run. `since` leaves out what had ended before.
 */
export async function readFlowRunGraph(
  db: Database,
  id: string,
  since: Timestamp | undefined,
  { maxNodes, maxArtifacts }: GraphLimits,
) {
  const { flow_run } = db.tables;
  const { start_time, expected_start_time, end_time } = flow_run;
  const [run] = await db.orm
    .select({ start_time, expected_start_time, end_time })
    .from(flow_run)
    .where(eq(flow_run.id, id));
  if (!run) return undefined;
  const most = since === undefined ? maxNodes : maxNodes * AROUND;
  const [runs, artifacts, states] = await db.longRead(() =>
    Promise.all([findRuns(db, id, most + 1), findArtifacts(db, id, maxArtifacts), findStates(db, id)]),
  );
  const shown = runs.filter(({ end_time }) => since === undefined || end_time === null || end_time >= since);
  if (runs.length > most || shown.length > maxNodes) {
    throw new GraphTooLarge(`The graph of flow run ${id} has more than ${maxNodes} nodes.`);
  }
  const edges = linkNodes(runs);
  const nodes = shown
    .sort(inOrder)
    .map((one) => toNode(one, edges.get(one.id)!, artifacts.get(one.id) ?? []));
  return {
    start_time: run.start_time ?? run.expected_start_time,
    end_time: run.end_time,
    root_node_ids: nodes.filter(([, { parents }]) => parents.length === 0).map(([nodeId]) => nodeId),
    nodes,
    artifacts: artifacts.get(null) ?? [],
    states,
  };
}

/** By start, then by end; what hasn't ended is last. */
function inOrder(left: GraphRun, right: GraphRun): number {
  if (left.start_time !== right.start_time) return left.start_time < right.start_time ? -1 : 1;
  const [before, after] = [left.end_time ?? '~', right.end_time ?? '~'];
  return before === after ? 0 : before < after ? -1 : 1;
}

function toNode(
  { inputs: _, ...run }: GraphRun,
  edges: GraphEdge<GraphRun>,
  artifacts: GraphArtifact[],
): [string, GraphNode] {
  const ids = (runs: GraphRun[]) => runs.map(({ id }) => ({ id }));
  const { parents, children, encapsulating } = edges;
  return [
    run.id,
    {
      ...run,
      parents: ids(parents),
      children: ids(children),
      encapsulating: ids(encapsulating),
      artifacts,
    },
  ];
}

type Edges = { id: string }[];

export interface GraphNode extends Omit<GraphRun, 'inputs'> {
  parents: Edges;
  children: Edges;
  encapsulating: Edges;
  artifacts: GraphArtifact[];
}

async function findRuns(db: Database, flowRunId: string, most: number): Promise<GraphRun[]> {
  const { flow, flow_run, task_run } = db.tables;
  const start = sql`coalesce(${flow_run.start_time}, ${flow_run.expected_start_time}, ${task_run.start_time}, ${task_run.expected_start_time})`;
  const rows = await db.orm
    .select({
      id: task_run.id,
      name: task_run.name,
      state_type: task_run.state_type,
      expected_start_time: task_run.expected_start_time,
      end_time: task_run.end_time,
      inputs: task_run.task_inputs,
      start_time: start.mapWith(task_run.start_time) as SQL<Timestamp>,
      subflow: {
        id: flow_run.id,
        name: flow_run.name,
        flow_name: flow.name,
        state_type: flow_run.state_type,
        end_time: flow_run.end_time,
      },
    })
    .from(task_run)
    .leftJoin(flow_run, eq(flow_run.parent_task_run_id, task_run.id))
    .leftJoin(flow, eq(flow.id, flow_run.flow_id))
    .where(and(eq(task_run.flow_run_id, flowRunId), sql`${start} is not null`))
    .limit(most);
  return rows.map(({ subflow, expected_start_time, ...run }) => ({
    kind: subflow?.id ? 'flow-run' : 'task-run',
    id: subflow?.id ?? run.id,
    label: subflow?.id ? `${subflow.flow_name} / ${subflow.name}` : run.name,
    state_type: subflow?.state_type ?? run.state_type,
    start_time: run.start_time,
    end_time:
      subflow?.end_time ?? run.end_time ?? (run.state_type === 'COMPLETED' ? expected_start_time : null),
    inputs: run.inputs as TaskInputs,
  }));
}

export type GraphArtifact = Awaited<ReturnType<typeof selectArtifacts>>[number]['shown'];

/** By the task run that made them; null for those that the flow run itself made. Those of subflows stay with them. */
async function findArtifacts(
  db: Database,
  flowRunId: string,
  most: number,
): Promise<Map<string | null, GraphArtifact[]>> {
  const byTaskRun = new Map<string | null, GraphArtifact[]>();
  for (const { task_run_id, shown } of await selectArtifacts(db, flowRunId, most)) {
    const known = byTaskRun.get(task_run_id);
    if (known) known.push(shown);
    else byTaskRun.set(task_run_id, [shown]);
  }
  return byTaskRun;
}

/** With the data of a progress, which is all that the dashboard draws. */
async function selectArtifacts(db: Database, flowRunId: string, most: number) {
  const { artifact, artifact_collection: collection } = db.tables;
  const { id, created, key, type, task_run_id } = artifact;
  const data = sql`case when ${type} = 'progress' then ${artifact.data} end`.mapWith(artifact.data);
  const rows = await db.orm
    .select({ id, created, key, type, task_run_id, data, latest_in: collection.id })
    .from(artifact)
    .leftJoin(collection, and(eq(collection.key, artifact.key), eq(collection.latest_id, artifact.id)))
    .where(and(eq(artifact.flow_run_id, flowRunId), ne(type, 'result')))
    .orderBy(asc(created))
    .limit(most);
  return rows.map(({ task_run_id, latest_in, ...shown }) => ({
    task_run_id,
    shown: { ...shown, is_latest: shown.key === null || latest_in !== null },
  }));
}

async function findStates(db: Database, flowRunId: string) {
  const { id, timestamp, type, name, flow_run_id } = db.tables.flow_run_state;
  return db.orm
    .select({ id, timestamp, type, name })
    .from(db.tables.flow_run_state)
    .where(eq(flow_run_id, flowRunId))
    .orderBy(asc(timestamp));
}
