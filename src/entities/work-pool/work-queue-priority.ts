export interface Ranked {
  id: string;
  priority: number;
}

/** The first priority that no queue of the pool has. */
export function freePriority(taken: number[]): number {
  const sorted = [...taken].sort((a, b) => a - b);
  const gap = sorted.findIndex((priority, i) => priority !== i + 1);
  return gap >= 0 ? gap + 1 : (sorted.at(-1) ?? 0) + 1;
}

/**
 * The priorities that change when one queue of a pool takes `wanted`: whoever has it makes way, and so on, each as
 * little as it must. Prefect's rule, its accident included: one that comes last of all takes no part in the order.
 * @param queues all of the pool, by priority
 */
export function rankQueues(queues: Ranked[], wanted?: Ranked): Ranked[] {
  const order = queues.filter(({ id }) => id !== wanted?.id).map((queue) => ({ ...queue }));
  const changed = new Map<string, number>();
  if (wanted) {
    const at = order.findIndex(({ priority }) => priority >= wanted.priority);
    if (at >= 0) order.splice(at, 0, { ...wanted });
    changed.set(wanted.id, wanted.priority);
  }
  let last = 0;
  for (const queue of order) {
    if (queue.priority <= last) {
      last += 1;
      changed.set(queue.id, last);
    } else last = queue.priority;
  }
  const before = new Map(queues.map(({ id, priority }) => [id, priority]));
  return [...changed]
    .filter(([id, priority]) => before.get(id) !== priority)
    .map(([id, priority]) => ({ id, priority }));
}
