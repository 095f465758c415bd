import { maybe, model, string, uuid } from '../kinds/index.ts';

export const CreatedBy = model('CreatedBy', {
  id: maybe(uuid()),
  type: maybe(string()),
  display_value: maybe(string()),
});
