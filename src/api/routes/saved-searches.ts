import {
  deleteSavedSearch,
  findSavedSearches,
  readSavedSearch,
  saveSearch,
} from '../../entities/saved-search.ts';
import { errors } from '../../errors.ts';
import { list } from '../kinds/index.ts';
import { limitOf } from '../paging.ts';
import { createdOrExisting, defineRoute } from '../route.ts';
import { SavedSearch, SavedSearchCreate, SavedSearchesFilterBody } from '../schemas/saved-searches.ts';

const tag = 'SavedSearches';

export const savedSearchRoutes = [
  defineRoute({
    method: 'put',
    path: '/saved_searches/',
    summary: 'Create Saved Search',
    tag,
    body: SavedSearchCreate,
    response: SavedSearch,
    handler: async ({ body }, context) => createdOrExisting(await saveSearch(context.db, body), context),
  }),
  defineRoute({
    method: 'get',
    path: '/saved_searches/{id:uuid}',
    summary: 'Read Saved Search',
    tag,
    response: SavedSearch,
    handler: async ({ params }, { db }) => {
      const search = await readSavedSearch(db, params.id!);
      if (!search) throw errors.notFound('Saved search');
      return search;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/saved_searches/filter',
    summary: 'Read Saved Searches',
    tag,
    body: SavedSearchesFilterBody,
    response: list(SavedSearch),
    handler: ({ body }, context) => findSavedSearches(context.db, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'delete',
    path: '/saved_searches/{id:uuid}',
    summary: 'Delete Saved Search',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteSavedSearch(db, params.id!))) throw errors.notFound('Saved search');
    },
  }),
];
