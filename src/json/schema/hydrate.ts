import { JsonSyntaxError, parseJson } from '../json.ts';
import { isObject, type Json, Placeholder } from './types.ts';

/** The input can't be made of what was sent; the message is for whoever sent it. */
export class HydrationError extends Error {}

/** Left out of the object or list it stands in. */
const REMOVED = Symbol('removed');

const KIND = '__prefect_kind';

type Variables = ReadonlyMap<string, Json>;
type Made = Json | typeof REMOVED;

/**
 * Puts values in the place of objects that say how to make them: `{"__prefect_kind": "json", "value": "[1]"}`. So the
 * dashboard sends what its user typed.
 * @param variables the values of the variables that are named
 * @throws HydrationError
 */
export function hydrate(value: Json, variables: Variables): Json {
  const problems = (message: string) => {
    throw new HydrationError(message);
  };
  return whole(new Maker(variables, problems, problems).make(value));
}

/** The same, with a placeholder for what can't be made, and for a template that is fine but isn't rendered. */
export function hydrateLeniently(value: Json, variables: Variables): Json {
  const placeholder = (message?: string) => new Placeholder(message);
  return whole(new Maker(variables, placeholder, () => placeholder()).make(value));
}

function whole(made: Made): Json {
  return made === REMOVED ? {} : made;
}

/** Whether a JSON text may have such objects in it. */
export function mayNeedHydration(text: string): boolean {
  return text.includes(KIND) || text.includes('\\u');
}

class Maker {
  private readonly variables: Variables;
  /** What stands for a value that can't be made. */
  private readonly problem: (message: string) => Json;
  /** What stands for a template that would have to be rendered. */
  private readonly template: (message: string) => Json;

  constructor(variables: Variables, problem: Maker['problem'], template: Maker['template']) {
    this.variables = variables;
    this.problem = problem;
    this.template = template;
  }

  make(value: Json): Made {
    if (Array.isArray(value)) {
      return value.map((element) => this.make(element)).filter((element) => element !== REMOVED);
    }
    if (!isObject(value)) return value;
    if (KIND in value) return this.kind(value);
    const members = Object.entries(value).map(([name, member]) => [name, this.make(member)] as const);
    return Object.fromEntries(members.filter(([, member]) => member !== REMOVED));
  }

  private kind(value: Record<string, Json>): Made {
    switch (value[KIND]) {
      case 'none':
        return 'value' in value ? this.make(value['value']) : this.problem(missing('value'));
      case 'json':
        return 'value' in value ? this.parsed(this.inner(value['value'])) : REMOVED;
      case 'workspace_variable':
        return 'variable_name' in value ? this.variable(this.inner(value['variable_name'])) : REMOVED;
      case 'jinja':
        return 'template' in value
          ? this.rendered(this.inner(value['template']))
          : this.problem(missing('template'));
      default:
        return value['value'] ?? null;
    }
  }

  /** What a kind is made of may itself have to be made. */
  private inner(value: Json): Made {
    return isObject(value) ? this.make(value) : value;
  }

  private parsed(value: Made): Made {
    if (typeof value !== 'string') return value;
    try {
      return parseJson(value);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      const { position, message } = error;
      const before = value.slice(0, position).split('\n');
      const where = `line ${before.length} column ${before.at(-1)!.length + 1} (char ${position})`;
      return this.problem(`Invalid JSON: ${message}: ${where}`);
    }
  }

  private variable(name: Made): Made {
    if (name === REMOVED || name instanceof Placeholder) return name;
    return typeof name === 'string' && this.variables.has(name)
      ? this.variables.get(name)
      : this.problem(`Variable '${String(name)}' not found in workspace.`);
  }

  /** A template without an expression is its own text; others need the template language of automations. */
  private rendered(value: Made): Made {
    if (typeof value !== 'string') return value;
    if (!/\{[{%#]/.test(value)) return value;
    return this.template(
      'Invalid jinja: this server renders no templates in run input; send the value itself.',
    );
  }
}

const missing = (key: string): string => `Missing '${key}' key in __prefect object`;
