import { defineFilter, type FilterInput } from './filter.ts';
import { any, startsWithAny } from './operators.ts';

export const workPoolFilter = defineFilter(({ work_pool }) => ({
  id: { any_: any(work_pool.id) },
  name: { any_: any(work_pool.name) },
  type: { any_: any(work_pool.type) },
}));

export const workQueueFilter = defineFilter(({ work_queue }) => ({
  id: { any_: any(work_queue.id) },
  name: { any_: any(work_queue.name), startswith_: startsWithAny(work_queue.name) },
}));

export type WorkPoolFilter = FilterInput<typeof workPoolFilter>;
export type WorkQueueFilter = FilterInput<typeof workQueueFilter>;
