import type { Keyword } from './keywords.ts';
import { pythonText } from './python-text.ts';
import type { Json, SchemaError } from './types.ts';
import type { Validator } from './validator.ts';

/** The first branch that the value is valid under, or why it is valid under none. */
function tryBranches(validator: Validator, branches: Json[], value: Json) {
  const context: SchemaError[] = [];
  for (const [i, branch] of branches.entries()) {
    const errors = validator.errors(value, branch);
    if (errors.length === 0) return { valid: i, context };
    context.push(...errors);
  }
  return { valid: undefined, context };
}

function none(value: Json, context: SchemaError[]) {
  return [{ message: `${pythonText(value)} is not valid under any of the given schemas`, context }];
}

const branchesOf = (argument: Json): Json[] => (Array.isArray(argument) ? argument : []);

export const branchKeywords: Record<string, Keyword> = {
  $ref: (validator, argument, value) => validator.errors(value, validator.resolve(String(argument))),
  $dynamicRef: (validator, argument, value) => validator.errors(value, validator.resolve(String(argument))),
  allOf: (validator, argument, value) =>
    branchesOf(argument).flatMap((branch) => validator.errors(value, branch)),
  anyOf(validator, argument, value) {
    const { valid, context } = tryBranches(validator, branchesOf(argument), value);
    return valid === undefined ? none(value, context) : [];
  },
  oneOf(validator, argument, value) {
    const branches = branchesOf(argument);
    const { valid, context } = tryBranches(validator, branches, value);
    if (valid === undefined) return none(value, context);
    const others = branches.slice(valid + 1).filter((branch) => validator.isValid(value, branch));
    if (others.length === 0) return [];
    const list = [...others, branches[valid]].map(pythonText).join(', ');
    return [{ message: `${pythonText(value)} is valid under each of ${list}` }];
  },
  not: (validator, argument, value) =>
    validator.isValid(value, argument)
      ? [{ message: `${pythonText(value)} should not be valid under ${pythonText(argument)}` }]
      : [],
  if(validator, argument, value, schema) {
    const next = validator.isValid(value, argument) ? schema['then'] : schema['else'];
    return next === undefined ? [] : validator.errors(value, next);
  },
};
