import { dict, list, literal, model, string, union, uuid, withDefault } from '../kinds/index.ts';

export const TaskRunResult = model('TaskRunResult', {
  input_type: withDefault(literal('task_run'), 'task_run'),
  id: uuid(),
});

export const FlowRunResult = model('FlowRunResult', {
  input_type: withDefault(literal('flow_run'), 'flow_run'),
  id: uuid(),
});

export const Parameter = model('Parameter', {
  input_type: withDefault(literal('parameter'), 'parameter'),
  name: string(),
});

export const Constant = model('Constant', {
  input_type: withDefault(literal('constant'), 'constant'),
  type: string(),
});

/** What a task run was given, by the name of the parameter. */
export const TaskInputs = dict(list(union({ TaskRunResult, FlowRunResult, Parameter, Constant })));
