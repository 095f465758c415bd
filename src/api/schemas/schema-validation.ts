import {
  bool,
  int,
  type JsonSchema,
  jsonObject,
  kind,
  list,
  model,
  parameters,
  string,
} from '../kinds/index.ts';

export const ValidateSchemaBody = parameters(
  { schema: jsonObject(), values: jsonObject() },
  'Body_validate_obj_ui_schemas_validate_post',
);

/** Errors lie below errors without end, so these models refer to each other by name. */
const entry: JsonSchema = {
  anyOf: [
    { type: 'string' },
    { $ref: '#/components/schemas/SchemaValuePropertyError' },
    { $ref: '#/components/schemas/SchemaValueIndexError' },
  ],
};
const errors = list(kind((value) => value, entry));

export const SchemaValuePropertyError = model('SchemaValuePropertyError', { property: string(), errors });
export const SchemaValueIndexError = model('SchemaValueIndexError', { index: int(), errors });
export const SchemaValuesValidationResponse = model('SchemaValuesValidationResponse', {
  errors,
  valid: bool(),
});
