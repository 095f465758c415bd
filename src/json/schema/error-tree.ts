import { Placeholder, type SchemaError } from './types.ts';

type Branch = { property: string; errors: ErrorEntry[] } | { index: number; errors: ErrorEntry[] };
export type ErrorEntry = string | Branch;

/** Errors by where they are, for a form that shows each beside its field. */
export function errorTree(errors: SchemaError[]): ErrorEntry[] {
  const tree: ErrorEntry[] = [];
  for (const error of withPlaceholdersFirst(errors)) {
    const place = placeOf(error);
    const last = place.pop();
    const entries = place.reduce((at, step) => entryAt(at, step).errors, tree);
    if (last === undefined) entries.push(error.message);
    // As Prefect answers: two errors in one place are two entries, though a place that others lie below is one.
    else entries.push(branch(last, [error.message]));
  }
  return tree;
}

/** Where a value couldn't be made, nothing else is said of it. */
function withPlaceholdersFirst(errors: SchemaError[]): SchemaError[] {
  const unmade = new Set(
    errors.filter(({ value }) => value instanceof Placeholder).map(({ path }) => path.join('->')),
  );
  return errors.filter(({ value, path }) => value instanceof Placeholder || !unmade.has(path.join('->')));
}

/** What is required and isn't there is shown where it should be. */
function placeOf({ path, keyword, message }: SchemaError): (string | number)[] {
  if (keyword !== 'required') return [...path];
  const [name] = message.split(' ', 1);
  return [...path, name!.replace(/^'+|'+$/g, '')];
}

function entryAt(entries: ErrorEntry[], step: string | number): Branch {
  const found = entries.find(
    (entry): entry is Branch =>
      typeof entry !== 'string' && ('index' in entry ? entry.index : entry.property) === step,
  );
  if (found) return found;
  const made = branch(step, []);
  entries.push(made);
  return made;
}

function branch(step: string | number, errors: ErrorEntry[]): Branch {
  return typeof step === 'number' ? { index: step, errors } : { property: step, errors };
}
