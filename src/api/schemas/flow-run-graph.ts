import {
  bool,
  datetime,
  float,
  json,
  list,
  literal,
  model,
  nullable,
  optional,
  pair,
  parameters,
  string,
  timestamp,
  uuid,
} from '../kinds/index.ts';
import { State, StateType } from './states.ts';
import { TaskRunResult } from './task-inputs.ts';

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

const GraphArtifact = model('GraphArtifact', {
  id: uuid(),
  created: timestamp(),
  key: nullable(string()),
  type: nullable(string()),
  is_latest: bool(),
  data: nullable(json()),
});

const GraphState = model('GraphState', {
  id: uuid(),
  timestamp: timestamp(),
  type: StateType,
  name: string(),
});

const Edge = model('Edge', { id: uuid() });

const Node = model('Node', {
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

export const Graph = model('Graph', {
  start_time: nullable(timestamp()),
  end_time: nullable(timestamp()),
  root_node_ids: list(uuid()),
  nodes: list(pair(uuid(), Node)),
  artifacts: list(GraphArtifact),
  states: list(GraphState),
});

export const FlowRunGraphQuery = parameters({ since: optional(datetime(), '0001-01-01T00:00:00+00:00') });
