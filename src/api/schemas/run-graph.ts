import type { output } from 'zod';
import {
  bool,
  datetime,
  float,
  json,
  list,
  literal,
  model,
  nullable,
  pair,
  parameters,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { State, StateType } from './states.ts';
import { TaskRunResult } from './task-inputs.ts';

export const Edge = model('Edge', {
  id: uuid(),
});
export type Edge = output<typeof Edge>;

export const GraphArtifact = model('GraphArtifact', {
  id: uuid(),
  created: timestamp(),
  key: nullable(string()),
  type: nullable(string()),
  is_latest: bool(),
  data: nullable(json()),
});
export type GraphArtifact = output<typeof GraphArtifact>;

export const Node = model('Node', {
  kind: literal('flow-run', 'task-run'),
  id: uuid(),
  label: string(),
  state_type: StateType,
  start_time: timestamp(),
  end_time: nullable(timestamp()),
  parents: list(Edge),
  children: list(Edge),
  encapsulating: list(Edge),
  artifacts: list(GraphArtifact),
});
export type Node = output<typeof Node>;

export const GraphState = model('GraphState', {
  id: uuid(),
  timestamp: timestamp(),
  type: StateType,
  name: string(),
});
export type GraphState = output<typeof GraphState>;

export const Graph = model('Graph', {
  start_time: nullable(timestamp()),
  end_time: nullable(timestamp()),
  root_node_ids: list(uuid()),
  nodes: list(pair(uuid(), Node)),
  artifacts: list(GraphArtifact),
  states: list(GraphState),
});
export type Graph = output<typeof Graph>;

export const DependencyResult = model('DependencyResult', {
  id: uuid(),
  name: string(),
  upstream_dependencies: list(TaskRunResult),
  state: nullable(State),
  expected_start_time: nullable(timestamp()),
  start_time: nullable(timestamp()),
  end_time: nullable(timestamp()),
  total_run_time: nullable(float()),
  estimated_run_time: nullable(float()),
  untrackable_result: bool(),
});
export type DependencyResult = output<typeof DependencyResult>;

export const RunGraphQuery = parameters({
  since: withDefault(datetime(), '0001-01-01T00:00:00.000000Z'),
});
