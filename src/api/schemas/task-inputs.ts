import type { output } from 'zod';
import { dict, list, literal, model, string, union, uuid, withDefault } from '../kinds/index.ts';

export const TaskRunResult = model('TaskRunResult', {
  input_type: withDefault(literal('task_run'), 'task_run'),
  id: uuid(),
});
export type TaskRunResult = output<typeof TaskRunResult>;

export const FlowRunResult = model('FlowRunResult', {
  input_type: withDefault(literal('flow_run'), 'flow_run'),
  id: uuid(),
});
export type FlowRunResult = output<typeof FlowRunResult>;

export const Parameter = model('Parameter', {
  input_type: withDefault(literal('parameter'), 'parameter'),
  name: string(),
});
export type Parameter = output<typeof Parameter>;

export const Constant = model('Constant', {
  input_type: withDefault(literal('constant'), 'constant'),
  type: string(),
});
export type Constant = output<typeof Constant>;

/** What a task run was given, by the name of the parameter. */
export const TaskInputs = dict(list(union({ TaskRunResult, FlowRunResult, Parameter, Constant })));
export type TaskInputs = output<typeof TaskInputs>;
