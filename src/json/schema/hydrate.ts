import { JsonSyntaxError, parseJson } from '../json.ts';
import { isObject, type Json } from './types.ts';

/** The input can't be made of what was sent; the message is for whoever sent it. */
export class HydrationError extends Error {}

/** Left out of the object or list it stands in. */
const REMOVED = Symbol('removed');

const KIND = '__prefect_kind';

/**
 * Puts values in the place of objects that say how to make them: `{"__prefect_kind": "json", "value": "[1]"}`. So the
 * dashboard sends what its user typed.
 * @param variables the values of the variables that are named
 * @throws HydrationError
 */
export function hydrate(value: Json, variables: ReadonlyMap<string, Json>): Json {
  const made = make(value, variables);
  return made === REMOVED ? {} : made;
}

/** Whether a JSON text may have such objects in it. */
export function mayNeedHydration(text: string): boolean {
  return text.includes(KIND) || text.includes('\\u');
}

function make(value: Json, variables: ReadonlyMap<string, Json>): Json | typeof REMOVED {
  if (Array.isArray(value)) {
    return value.map((element) => make(element, variables)).filter((element) => element !== REMOVED);
  }
  if (!isObject(value)) return value;
  if (KIND in value) return makeKind(value, variables);
  const members = Object.entries(value).map(([name, member]) => [name, make(member, variables)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== REMOVED));
}

function makeKind(value: Record<string, Json>, variables: ReadonlyMap<string, Json>): Json | typeof REMOVED {
  switch (value[KIND]) {
    case 'none':
      if (!('value' in value)) throw new HydrationError("Missing 'value' key in __prefect object");
      return make(value['value'], variables);
    case 'json':
      return 'value' in value ? parsed(inner(value['value'], variables)) : REMOVED;
    case 'workspace_variable':
      return 'variable_name' in value
        ? variable(inner(value['variable_name'], variables), variables)
        : REMOVED;
    case 'jinja':
      if (!('template' in value)) throw new HydrationError("Missing 'template' key in __prefect object");
      return template(inner(value['template'], variables));
    default:
      return value['value'] ?? null;
  }
}

/** What a kind is made of may itself have to be made. */
function inner(value: Json, variables: ReadonlyMap<string, Json>): Json | typeof REMOVED {
  return isObject(value) ? make(value, variables) : value;
}

function parsed(value: Json | typeof REMOVED): Json | typeof REMOVED {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(value);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { position, message } = error;
    const before = value.slice(0, position).split('\n');
    const where = `line ${before.length} column ${before.at(-1)!.length + 1} (char ${position})`;
    throw new HydrationError(`Invalid JSON: ${message}: ${where}`);
  }
}

function variable(name: Json | typeof REMOVED, variables: ReadonlyMap<string, Json>): Json | typeof REMOVED {
  if (name === REMOVED) return REMOVED;
  if (typeof name !== 'string' || !variables.has(name)) {
    throw new HydrationError(`Variable '${String(name)}' not found in workspace.`);
  }
  return variables.get(name);
}

/** A template without an expression is its own text; others need the template language of automations. */
function template(value: Json | typeof REMOVED): Json | typeof REMOVED {
  if (typeof value !== 'string' || !/\{[{%#]/.test(value)) return value;
  throw new HydrationError(
    'Invalid jinja: this server renders no templates in run input; send the value itself.',
  );
}
