import type { Evaluator } from './evaluate.ts';
import { typeError } from './faults.ts';
import { type CallArguments, Callable, Dict, Tuple, Undefined, type Value } from './python/values.ts';
import type { MacroShape, Statement } from './read/tree.ts';
import { Scope } from './scope.ts';

type Render = (body: Statement[], scope: Scope) => string;

/** What a macro of a template is when it is called. It sees the names around its own place. */
export function macroOf(shape: MacroShape, around: Scope, evaluator: Evaluator, render: Render): Callable {
  return new Callable((args) => {
    const scope = new Scope(around);
    bind(shape, args, scope, evaluator);
    return render(shape.body, scope);
  });
}

function bind(shape: MacroShape, { plain, named }: CallArguments, scope: Scope, evaluator: Evaluator): void {
  const { parameters, reads } = shape;
  const left = new Map(named);
  parameters.forEach(({ name, fallback }, i) => {
    if (plain[i] !== undefined && left.has(name)) {
      throw typeError(`macro ${called(shape)} got multiple values for argument '${name}'`);
    }
    const given = plain[i] ?? left.get(name);
    left.delete(name);
    if (given !== undefined) scope.set(name, given);
    else {
      const missing = new Undefined(`parameter '${name}' was not provided`);
      scope.set(name, fallback ? evaluator.value(fallback, scope) : missing);
    }
  });
  if (reads.has('caller')) {
    scope.set('caller', left.get('caller') ?? new Undefined('No caller defined'));
    left.delete('caller');
  }
  if (reads.has('kwargs')) scope.set('kwargs', new Dict([...left] as [string, Value][]));
  else if (left.size > 0) {
    throw typeError(`macro ${called(shape)} takes no keyword argument '${[...left.keys()][0]}'`);
  }
  if (reads.has('varargs')) scope.set('varargs', new Tuple(plain.slice(parameters.length)));
  else if (plain.length > parameters.length) {
    throw typeError(`macro ${called(shape)} takes not more than ${parameters.length} argument(s)`);
  }
}

const called = ({ name }: MacroShape): string => (name === null ? 'None' : `'${name}'`);
