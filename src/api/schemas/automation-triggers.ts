import {
  annotated,
  dict,
  float,
  int,
  kind,
  list,
  literal,
  model,
  nullable,
  optional,
  set,
  string,
  union,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { ResourceSpecification } from './event-filter.ts';

const labels = dict(union({ str: string(), 'list[str]': list(string()) }));
const specification = union({ ResourceSpecification, dict: labels });

const name = (trigger: string) => ({ $ref: `#/components/schemas/${trigger}-Output` });

/** Of an answer: one of these, as it is stored; composite ones hold others. */
export const Trigger = kind((value) => value, {
  anyOf: [name('EventTrigger'), name('CompoundTrigger'), name('SequenceTrigger')],
});

const composite = { id: optional(uuid()), triggers: list(Trigger), within: nullable(float()) };

export const EventTrigger = model('EventTrigger-Output', {
  type: withDefault(literal('event'), 'event'),
  id: optional(uuid()),
  match: optional(specification),
  match_related: optional(
    annotated(union({ specification, list: list(specification) }), {
      anyOf: [...(specification.schema['anyOf'] as object[]), list(specification).schema],
    }),
  ),
  after: optional(set(string())),
  expect: optional(set(string())),
  for_each: optional(set(string())),
  posture: literal('Reactive', 'Proactive'),
  threshold: withDefault(int(), 1),
  within: optional(float(), 0.0),
});

export const CompoundTrigger = model('CompoundTrigger-Output', {
  type: withDefault(literal('compound'), 'compound'),
  ...composite,
  require: union({ int: int(), literal: literal('any', 'all') }),
});

export const SequenceTrigger = model('SequenceTrigger-Output', {
  type: withDefault(literal('sequence'), 'sequence'),
  ...composite,
});
