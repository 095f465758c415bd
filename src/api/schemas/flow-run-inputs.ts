import {
  int,
  kind,
  list,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  refuse,
  string,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { row } from './row.ts';

export const FlowRunInput = model('FlowRunInput', {
  ...row,
  flow_run_id: uuid(),
  key: string(),
  value: string(),
  sender: maybe(string()),
});

const text = string();

/** Python's bytes: a text, with an error type of its own. */
const bytes = kind<string>(
  (value, issues) =>
    typeof value === 'string'
      ? text.read(value, issues)
      : refuse(issues, 'bytes_type', 'Input should be a valid bytes', value),
  { type: 'string', contentMediaType: 'application/octet-stream' },
);

export const FlowRunInputCreateBody = parameters(
  {
    key: string(),
    value: bytes,
    sender: optional(nullable(string())),
  },
  'Body_create_flow_run_input_flow_runs__id__input_post',
);

export const FlowRunInputFilterBody = parameters(
  {
    prefix: string(),
    limit: withDefault(int({ min: 0 }), 1),
    exclude_keys: withDefault(list(string()), []),
  },
  'Body_filter_flow_run_input_flow_runs__id__input_filter_post',
);
