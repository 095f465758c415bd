import type { JsonText } from '../../json/json.ts';
import { isObject, type Json, type JsonObject } from '../../json/schema/types.ts';
import { checked, jsonObject, type Kind } from '../kinds/index.ts';
import { isEmpty } from './names.ts';

const INCOMPLETE =
  'The `base_job_template` must contain both a `job_configuration` key and a `variables` key.';

/** What workers make jobs of: a configuration with variables in it, and the JSON schema of these. */
export function baseJobTemplate(): Kind<JsonText> {
  return checked(jsonObject(), (template) => problemOf(template.parse() as JsonObject));
}

function problemOf(template: JsonObject): string | undefined {
  if (Object.keys(template).length === 0) return undefined;
  const { job_configuration, variables } = template;
  if (isEmpty(job_configuration) || isEmpty(variables)) return INCOMPLETE;
  // Prefect fails with a 500 on what isn't an object.
  if (!isObject(job_configuration) || !isObject(variables)) return INCOMPLETE;
  const { properties } = variables;
  const declared = isObject(properties) ? Object.keys(properties) : [];
  const missing = [...variablesIn(job_configuration)].filter((name) => !declared.includes(name));
  if (missing.length === 0) return undefined;
  return `The variables specified in the job configuration template must be present as properties in the variables schema. Your job configuration uses the following undeclared variable(s): ${missing.join(' ,')}.`;
}

const PLACEHOLDER = /\{\{\s*([\w.\-[\]$]+)\s*\}\}/g;

/** Names in double braces, those with a prefix of Prefect's own (`prefect.blocks.x`, `$ENV`) included. */
function variablesIn(value: Json): Set<string> {
  return new Set([...JSON.stringify(value).matchAll(PLACEHOLDER)].map((match) => match[1]!));
}
