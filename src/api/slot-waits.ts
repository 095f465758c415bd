import type { SlotWaits } from '../entities/slot-decay.ts';
import type { Settings } from '../settings/settings.ts';

/** What Prefect's settings say of how long a client is told to wait for a slot. */
export function slotWaits({ server }: Settings): SlotWaits {
  return {
    tag: server.tasks.tagConcurrencySlotWaitSeconds,
    other: server.concurrency.maximumConcurrencySlotWaitSeconds,
  };
}
