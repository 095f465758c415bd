import type { TaskRule, TaskTransform } from '../drafts.ts';
import { ANY, types } from '../rule.ts';

/** A task run takes a slot of each of its tags that has a limit before it runs; it holds them until it stops. */
export const secureTaskConcurrencySlots: TaskRule = {
  name: 'SecureTaskConcurrencySlots',
  from: ANY,
  to: types('RUNNING'),
  async before(transition) {
    const { slots } = transition.reach;
    const limits = await slots.limits();
    const closed = limits.find(({ limit }) => limit === 0);
    if (closed) {
      return transition.abort(
        `The concurrency limit on tag "${closed.tag}" is 0 and will deadlock if the task tries to run again.`,
      );
    }
    if (limits.length === 0 || (await slots.take(limits))) return;
    const tags = limits.map(({ tag }) => tag).join(', ');
    transition.delay(slots.waitSeconds(limits), `Concurrency limit reached for tags: ${tags}`);
  },
  cleanup: ({ reach }) => reach.slots.undo(),
};

export const releaseTaskConcurrencySlots: TaskTransform = {
  name: 'ReleaseTaskConcurrencySlots',
  universal: true,
  async after({ initial, reach }, validated) {
    if (!initial) return;
    if (validated.type !== 'RUNNING' && validated.type !== 'CANCELLING') await reach.slots.giveBack();
  },
};
