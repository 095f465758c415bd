import { json, list, model, optional, parameters, string, withDefault } from '../kinds/index.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

const SavedSearchFilter = model('SavedSearchFilter', {
  object: string(),
  property: string(),
  type: string(),
  operation: string(),
  value: json(),
});

export const SavedSearchCreate = model(
  'SavedSearchCreate',
  {
    name: string(),
    filters: withDefault(list(SavedSearchFilter), () => []),
  },
  { extra: 'forbid' },
);

export const SavedSearch = model('SavedSearch', {
  ...row,
  name: string(),
  filters: optional(list(SavedSearchFilter)),
});

export const SavedSearchesFilterBody = parameters(
  { limit, offset },
  'Body_read_saved_searches_saved_searches_filter_post',
);
