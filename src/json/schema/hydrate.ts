import { JsonSyntaxError, parseJson } from '../json.ts';
import { pythonText } from './python-text.ts';
import { isObject, type Json, Placeholder } from './types.ts';

/** The input can't be made of what was sent; the message is for whoever sent it. */
export class HydrationError extends Error {}

/** Left out of the object or list it stands in. */
const REMOVED = Symbol('removed');

const KIND = '__prefect_kind';

type Variables = ReadonlyMap<string, Json>;
type Made = Json | typeof REMOVED;

/** What values are made of. */
export interface Makings {
  /** The values of the variables that are named. */
  variables: Variables;
  /** @throws HydrationError for what is no template */
  render(template: string): Json;
}

/**
 * Puts values in the place of objects that say how to make them: `{"__prefect_kind": "json", "value": "[1]"}`. So the
 * dashboard sends what its user typed.
 * @throws HydrationError
 */
export function hydrate(value: Json, makings: Makings): Json {
  const problem = (message: string) => {
    throw new HydrationError(message);
  };
  return whole(new Maker(makings, problem).make(value));
}

/** The same, with a placeholder for what can't be made. */
export function hydrateLeniently(value: Json, makings: Makings): Json {
  return whole(new Maker(makings, (message) => new Placeholder(message)).make(value));
}

function whole(made: Made): Json {
  return made === REMOVED ? {} : made;
}

/** Whether a JSON text may have such objects in it. */
export function mayNeedHydration(text: string): boolean {
  return text.includes(KIND) || text.includes('\\u');
}

class Maker {
  private readonly makings: Makings;
  /** What stands for a value that can't be made. */
  private readonly problem: (message: string) => Json;

  constructor(makings: Makings, problem: Maker['problem']) {
    this.makings = makings;
    this.problem = problem;
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
      const before = [...value].slice(0, position);
      const column = position - before.lastIndexOf('\n');
      const where = `line ${before.join('').split('\n').length} column ${column} (char ${position})`;
      return this.problem(`Invalid JSON: ${message}: ${where}`);
    }
  }

  private variable(name: Made): Made {
    if (name === REMOVED || name instanceof Placeholder) return name;
    const { variables } = this.makings;
    return typeof name === 'string' && variables.has(name)
      ? variables.get(name)
      : this.problem(
          `Variable '${typeof name === 'string' ? name : pythonText(name)}' not found in workspace.`,
        );
  }

  private rendered(template: Made): Made {
    if (template === REMOVED || template instanceof Placeholder) return template;
    if (typeof template !== 'string') return this.problem('Invalid jinja: the template must be a text.');
    try {
      return this.makings.render(template);
    } catch (error) {
      if (!(error instanceof HydrationError)) throw error;
      return this.problem(error.message);
    }
  }
}

const missing = (key: string): string => `Missing '${key}' key in __prefect object`;
