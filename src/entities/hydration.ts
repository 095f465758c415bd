import type { Database } from '../db/database.ts';
import type { JsonText } from '../json/json.ts';
import {
  HydrationError,
  hydrate,
  hydrateLeniently,
  type Makings,
  mayNeedHydration,
} from '../json/schema/hydrate.ts';
import { type Json, Placeholder } from '../json/schema/types.ts';
import { TemplateError } from '../templates/read/tokens.ts';
import { InvalidTemplate, templateRenderer } from '../templates/render.ts';
import { validateTemplate } from '../templates/validate.ts';
import { readVariableValues } from './variable-values.ts';

/**
 * The value of a JSON text, with values in the place of objects that say how to make them. Templates see no names but
 * Jinja's own: Prefect gives them none here either.
 * @throws HydrationError
 */
export async function hydrated(db: Database, json: JsonText): Promise<Json> {
  const value = json.parse();
  if (!mayNeedHydration(json.text)) return value;
  const render = templateRenderer();
  return hydrate(value, {
    variables: await variablesIn(db, json),
    render: (template) => orInvalid(() => render(template)),
  });
}

/** The same for a form: what can't be made is a placeholder, and so is a template, which isn't rendered yet. */
export async function hydratedForForm(db: Database, json: JsonText): Promise<Json> {
  return hydrateLeniently(json.parse(), {
    variables: await variablesIn(db, json),
    render: (template) =>
      orInvalid(() => {
        validateTemplate(template);
        return new Placeholder();
      }),
  });
}

async function variablesIn(db: Database, { text }: JsonText): Promise<Makings['variables']> {
  return text.includes('variable') ? readVariableValues(db) : new Map();
}

function orInvalid<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InvalidTemplate || error instanceof TemplateError)) throw error;
    throw new HydrationError(`Invalid jinja: ${error.message}`);
  }
}
