import type { Part } from '../entities/list.ts';
import { detail, errors } from '../errors.ts';
import type { Context } from './route.ts';

/** How many rows a request asks for; a setting is the default and the most. */
export function limitOf({ limit }: { limit?: number }, { settings }: Context): number {
  const { defaultLimit } = settings.server.api;
  if (limit === undefined) return defaultLimit;
  if (limit < 0) throw detail(422, 'Invalid limit: must be greater than or equal to 0.');
  if (limit > defaultLimit) throw errors.limitTooLarge(defaultLimit);
  return limit;
}

/** Which rows a request asks for that counts them from the first one. */
export function partOf({ limit, offset }: { limit?: number; offset: number }, context: Context): Part {
  return { limit: limitOf({ limit }, context), offset };
}

/** One page of a list with what it takes to turn the pages. The list and the count are read at the same time. */
export async function paginate<Row>(
  body: { limit?: number; page: number },
  context: Context,
  read: (slice: Part) => Promise<Row[]>,
  count: () => Promise<number>,
): Promise<{ results: Row[]; count: number; limit: number; pages: number; page: number }> {
  const { page } = body;
  const limit = limitOf(body, context);
  const [results, total] = await Promise.all([read({ limit, offset: (page - 1) * limit }), count()]);
  return { results, count: total, limit, pages: limit > 0 ? Math.ceil(total / limit) : 0, page };
}
