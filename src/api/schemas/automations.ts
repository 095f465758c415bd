import {
  bool,
  enumeration,
  list,
  model,
  nullable,
  optional,
  parameters,
  string,
  withDefault,
} from '../kinds/index.ts';
import { Action } from './automation-actions.ts';
import { AutomationFilter } from './automation-filter.ts';
import { Trigger } from './automation-triggers.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

export const AutomationSort = enumeration('AutomationSort', [
  'CREATED_DESC',
  'UPDATED_DESC',
  'NAME_ASC',
  'NAME_DESC',
]);

export const Automation = model('Automation', {
  ...row,
  name: string(),
  description: withDefault(string(), ''),
  enabled: withDefault(bool(), true),
  tags: optional(list(string())),
  trigger: Trigger,
  actions: list(Action),
  actions_on_trigger: optional(list(Action)),
  actions_on_resolve: optional(list(Action)),
});

export const AutomationPartialUpdate = model(
  'AutomationPartialUpdate',
  { enabled: optional(bool(), true) },
  { extra: 'forbid' },
);

const automations = optional(nullable(AutomationFilter));

export const AutomationsFilterBody = parameters(
  { sort: withDefault(AutomationSort, 'NAME_ASC'), limit, offset, automations },
  'Body_read_automations_automations_filter_post',
);

export const AutomationsCountBody = parameters(
  { automations },
  'Body_count_automations_automations_count_post',
);
