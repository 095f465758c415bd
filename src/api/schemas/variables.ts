import { JsonNumber, type JsonText } from '../../json/json.ts';
import {
  annotated,
  enumeration,
  type Issue,
  json,
  type Kind,
  kind,
  list,
  model,
  nullable,
  optional,
  parameters,
  type Read,
  refuse,
  refuseValue,
  string,
  withDefault,
} from '../kinds/index.ts';
import { filter, flag, operator, text, texts, uuids } from './filter-fields.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

export const VariableSort = enumeration('VariableSort', [
  'CREATED_DESC',
  'UPDATED_DESC',
  'NAME_DESC',
  'NAME_ASC',
]);

const MAX_NAME = 255;
const MAX_VALUE_BYTES = 5000;

/** Prefect checks the characters before the length, whose error speaks of items for that reason. */
function variableName(): Kind<string> {
  const base = string();
  const read: Read<string> = (value, issues) => {
    const before = issues.length;
    const name = base.read(value, issues);
    if (issues.length > before) return name;
    // Python's `$` passes a line end.
    if (!/^[a-z0-9_-]*\n?$/.test(name)) {
      return refuseValue(
        issues,
        'Variable name must only contain lowercase letters, numbers, and dashes or underscores.',
        value,
      );
    }
    if (name.length <= MAX_NAME) return name;
    const ctx = { field_type: 'Value', max_length: MAX_NAME, actual_length: name.length };
    const message = `Value should have at most ${MAX_NAME} items after validation, not ${name.length}`;
    return refuse(issues, 'too_long', message, value, ctx);
  };
  return kind(read, { ...base.schema, maxLength: MAX_NAME });
}

const ANY_VALUE = {
  anyOf: [
    { type: 'string' },
    { type: 'integer' },
    { type: 'boolean' },
    { type: 'number' },
    { additionalProperties: true, type: 'object' },
    { items: {}, type: 'array' },
    { type: 'null' },
  ],
};

/** Any JSON of at most 5,000 bytes; Prefect writes no whole number beyond 64 bits. */
function variableValue(): Kind<JsonText> {
  const base = json();
  const read: Read<JsonText> = (value, issues) => {
    const before = issues.length;
    const result = base.read(value, issues);
    if (issues.length > before) return result;
    return valueProblem(value, result, issues) ?? result;
  };
  return kind(read, ANY_VALUE);
}

function valueProblem(value: unknown, { text }: JsonText, issues: Issue[]): undefined {
  // Numbers and blanks are the longer in a text as it was sent, seldom by much.
  if (text.length > MAX_VALUE_BYTES / 4 && byteLength(text) > MAX_VALUE_BYTES) {
    return refuseValue(issues, `Variable value must be less than ${MAX_VALUE_BYTES} characters`, value);
  }
  if (!/\d{19}/.test(text) || isWritable(value)) return undefined;
  return refuseValue(issues, 'Variable value must be serializable to JSON', value);
}

const byteLength = (text: string): number => Buffer.byteLength(JSON.stringify(JSON.parse(text)));

function isWritable(value: unknown): boolean {
  if (value instanceof JsonNumber) {
    if (!/^-?\d+$/.test(value.text)) return true;
    const whole = BigInt(value.text);
    return whole >= -(2n ** 63n) && whole < 2n ** 64n;
  }
  if (Array.isArray(value)) return value.every(isWritable);
  return typeof value !== 'object' || value === null || Object.values(value).every(isWritable);
}

export const VariableCreate = model(
  'VariableCreate',
  {
    name: variableName(),
    value: variableValue(),
    tags: withDefault(list(string()), () => []),
  },
  { extra: 'forbid' },
);

export const VariableUpdate = model(
  'VariableUpdate',
  {
    name: optional(nullable(variableName())),
    value: optional(variableValue()),
    tags: optional(nullable(list(string()))),
  },
  { extra: 'forbid' },
);

export const Variable = model('Variable', {
  ...row,
  name: string({ max: MAX_NAME }),
  value: annotated(json(), ANY_VALUE),
  tags: optional(list(string())),
});

const VariableFilterId = filter('VariableFilterId', { any_: uuids });
const VariableFilterName = filter('VariableFilterName', { any_: texts, like_: text });
const VariableFilterTags = filter('VariableFilterTags', { operator, all_: texts, is_null_: flag });

export const VariableFilter = filter('VariableFilter', {
  operator,
  id: optional(nullable(VariableFilterId)),
  name: optional(nullable(VariableFilterName)),
  tags: optional(nullable(VariableFilterTags)),
});

const variables = optional(nullable(VariableFilter));

export const VariablesFilterBody = parameters(
  { limit, offset, variables, sort: withDefault(VariableSort, 'NAME_ASC') },
  'Body_read_variables_variables_filter_post',
);

export const VariablesCountBody = parameters({ variables }, 'Body_count_variables_variables_count_post');
