import { freshCopy } from '../../entities/run/state.ts';
import type { TaskRule } from '../drafts.ts';
import { ANY, types } from '../rule.ts';

/** A task that would run takes over the completed state that its cache key stands for. */
export const cacheRetrieval: TaskRule = {
  name: 'CacheRetrieval',
  from: ANY,
  to: types('RUNNING'),
  async before(transition, proposed) {
    const { cache_key, refresh_cache } = proposed.state_details;
    if (!cache_key || refresh_cache) return;
    const cached = await transition.reach.findCachedState(cache_key);
    if (cached) transition.reject({ ...freshCopy(cached), name: 'Cached' }, 'Retrieved state from cache');
  },
};

export const cacheInsertion: TaskRule = {
  name: 'CacheInsertion',
  from: ANY,
  to: types('COMPLETED'),
  before(transition, proposed) {
    const { cache_key } = proposed.state_details;
    const longest = transition.reach.maxCacheKeyLength;
    if (cache_key && [...cache_key].length > longest) {
      transition.reject(proposed, `Cache key exceeded maximum allowed length of ${longest} characters.`);
    }
  },
  after(transition, validated) {
    const { cache_key, cache_expiration } = validated?.state_details ?? {};
    if (cache_key) transition.reach.cacheState(cache_key, cache_expiration ?? null);
  },
};
