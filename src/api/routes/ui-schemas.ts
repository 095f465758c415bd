import { hydratedForForm } from '../../entities/hydration.ts';
import { errors } from '../../errors.ts';
import { errorTree } from '../../json/schema/error-tree.ts';
import { schemaFault } from '../../json/schema/meta-schema.ts';
import { prepareSchema } from '../../json/schema/prepare.ts';
import { CIRCULAR, schemaErrors } from '../../json/schema/problem.ts';
import type { Json, JsonObject, SchemaError } from '../../json/schema/types.ts';
import { CircularSchema, Unresolvable } from '../../json/schema/validator.ts';
import { defineRoute } from '../route.ts';
import { SchemaValuesValidationResponse, ValidateSchemaBody } from '../schemas/schema-validation.ts';

/** What the dashboard asks while its user fills in a form made of a schema. */
export const uiSchemaRoutes = [
  defineRoute({
    method: 'post',
    path: '/ui/schemas/validate',
    summary: 'Validate Obj',
    tag: 'UI',
    body: ValidateSchemaBody,
    response: SchemaValuesValidationResponse,
    handler: async ({ body }, { db }) => {
      const schema = prepareSchema(body.schema.parse() as JsonObject);
      const fault = schemaFault(schema);
      if (fault !== undefined) throw errors.unprocessable(`Invalid schema: ${fault}`);
      const tree = errorTree(errorsOf(await hydratedForForm(db, body.values), schema));
      return { errors: tree, valid: tree.length === 0 };
    },
  }),
];

function errorsOf(values: Json, schema: JsonObject): SchemaError[] {
  try {
    return schemaErrors(values, schema, { prepare: false });
  } catch (error) {
    if (error instanceof CircularSchema || error instanceof RangeError) throw errors.unprocessable(CIRCULAR);
    if (!(error instanceof Unresolvable)) throw error;
    const problem = `Validation failed. Failure reason: ${error.message}`;
    throw errors.unprocessable(`Invalid schema: ${problem}`);
  }
}
