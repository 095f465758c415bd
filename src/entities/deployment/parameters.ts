import type { Database } from '../../db/database.ts';
import { errors } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import { HydrationError, mayNeedHydration } from '../../json/schema/hydrate.ts';
import { CIRCULAR, type SchemaRules, schemaProblem } from '../../json/schema/problem.ts';
import { isObject } from '../../json/schema/types.ts';
import { hydrated } from '../hydration.ts';

/**
 * The parameters with values in the place of objects that say how to make them.
 * @throws HydrationError
 */
export async function hydrateParameters(db: Database, parameters: JsonText): Promise<JsonText> {
  return mayNeedHydration(parameters.text) ? JsonText.of(await hydrated(db, parameters)) : parameters;
}

/** The same, or 400 with what is wrong. */
export async function hydratedOr400(
  db: Database,
  parameters: JsonText,
  what: 'deployment' | 'flow run',
): Promise<JsonText> {
  try {
    return await hydrateParameters(db, parameters);
  } catch (error) {
    if (!(error instanceof HydrationError)) throw error;
    throw errors.badRequest(`Error hydrating ${what} parameters: ${error.message}`);
  }
}

export const NO_SCHEMA =
  'Error updating deployment: Cannot update parameters because parameter schema enforcement is enabled and the deployment does not have a valid parameter schema.';

/** Which answers say what is wrong with parameters under a deployment's schema. */
export function parametersProblem(
  parameters: JsonText,
  schema: JsonText | null,
  rules: SchemaRules = {},
): { kind: 'no schema' | 'circular' | 'invalid'; message: string } | undefined {
  const parsed = schema?.parse();
  if (!isObject(parsed)) return { kind: 'no schema', message: NO_SCHEMA };
  if (Object.keys(parsed).length === 0) return undefined;
  const problem = schemaProblem(parameters.parse(), parsed, rules);
  if (problem === undefined) return undefined;
  return { kind: problem === CIRCULAR ? 'circular' : 'invalid', message: problem };
}

/** @throws HttpError 409 for parameters that don't fit, 422 for a schema that can't be used */
export function checkParameters(
  parameters: JsonText,
  schema: JsonText | null,
  doing: 'updating deployment' | 'creating flow run',
  rules: SchemaRules = {},
): void {
  const problem = parametersProblem(parameters, schema, rules);
  if (!problem) return;
  if (problem.kind === 'circular') throw errors.unprocessable(problem.message);
  throw errors.conflict(problem.kind === 'invalid' ? `Error ${doing}: ${problem.message}` : problem.message);
}
