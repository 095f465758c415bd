import { schemaFault } from '../../json/schema/meta-schema.ts';
import { schemaProblem } from '../../json/schema/problem.ts';
import { isObject, type Json } from '../../json/schema/types.ts';
import { type Kind, kind, refuseValue } from '../kinds/index.ts';
import { isEmpty } from './names.ts';

type Problem = (given: Record<string, unknown>) => string | undefined;

/** The same model, refused as a whole before its fields are looked at: pydantic's before-validators. */
export function refusedBefore<T>(base: Kind<T>, ...problems: Problem[]): Kind<T> {
  return kind((value, issues) => {
    if (!isObject(value)) return base.read(value, issues);
    for (const problemOf of problems) {
      const problem = problemOf(value);
      if (problem !== undefined) return refuseValue(issues, problem, value);
    }
    return base.read(value, issues);
  }, base.schema);
}

export const hasBothLimits: Problem = ({ concurrency_limit, global_concurrency_limit_id }) =>
  isEmpty(concurrency_limit) || isEmpty(global_concurrency_limit_id)
    ? undefined
    : 'A deployment cannot have both a concurrency limit and a global concurrency limit.';

/** Where the body itself says that parameters are to fit: then its schema is checked, too. */
export const misfitsOwnSchema: Problem = (given) => {
  const { enforce_parameter_schema, parameters = {}, parameter_openapi_schema: schema } = given;
  if (isEmpty(enforce_parameter_schema) || schema === undefined || schema === null) return undefined;
  const fault = schemaFault(schema);
  if (fault !== undefined) {
    return `The provided schema is not a valid json schema. Schema error: ${fault}`;
  }
  if (!isObject(schema) || parameters === null) return undefined;
  return schemaProblem(parameters as Json, schema, { prepare: false, ignoreRequired: true });
};

const OLD_FIELDS = [
  'worker_pool_queue_id',
  'worker_pool_name',
  'worker_pool_queue_name',
  'work_pool_queue_name',
];

/** Clients of long ago send these; they are passed over. */
export function withoutOldFields(given: Record<string, unknown>): Record<string, unknown> {
  if (!OLD_FIELDS.some((field) => field in given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([name]) => !OLD_FIELDS.includes(name)));
}
