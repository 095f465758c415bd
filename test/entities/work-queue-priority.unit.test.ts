import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freePriority, type Ranked, rankQueues } from '../../src/entities/work-pool/work-queue-priority.ts';

/** The queues after the changes, by priority. */
function ranked(queues: Ranked[], wanted?: Ranked): Ranked[] {
  const changed = new Map(rankQueues(queues, wanted).map(({ id, priority }) => [id, priority]));
  return queues
    .map(({ id, priority }) => ({ id, priority: changed.get(id) ?? priority }))
    .sort((a, b) => a.priority - b.priority);
}

const unique = fc
  .uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 })
  .map((priorities) => priorities.sort((a, b) => a - b).map((priority, i) => ({ id: `q${i}`, priority })));

test('whoever is in the way moves on by as little as it must, and the others stay', () => {
  const queues = [1, 2, 3, 5].map((priority) => ({ id: `q${priority}`, priority }));
  expect(rankQueues(queues, { id: 'q3', priority: 1 })).toEqual([
    { id: 'q3', priority: 1 },
    { id: 'q1', priority: 2 },
    { id: 'q2', priority: 3 },
  ]);
  expect(rankQueues(queues, { id: 'q1', priority: 9 })).toEqual([{ id: 'q1', priority: 9 }]);
  expect(rankQueues(queues)).toEqual([]);
});

test('no two queues of a pool ever have one priority, and the others keep their order', () => {
  const moves = fc.tuple(unique, fc.nat(7), fc.integer({ min: 1, max: 14 }));
  fc.assert(
    fc.property(moves, ([queues, at, priority]) => {
      const moved = queues[at];
      if (!moved) return;
      const after = ranked(queues, { id: moved.id, priority });
      expect(new Set(after.map((queue) => queue.priority)).size).toBe(queues.length);
      expect(after.find(({ id }) => id === moved.id)!.priority).toBe(priority);
      const others = (list: Ranked[]) => list.map(({ id }) => id).filter((id) => id !== moved.id);
      expect(others(after)).toEqual(others(queues));
    }),
  );
});

test('a new queue comes last, or where one is missing', () => {
  expect(freePriority([])).toBe(1);
  expect(freePriority([1, 2, 3])).toBe(4);
  expect(freePriority([3, 1])).toBe(2);
  expect(freePriority([2])).toBe(1);
});
