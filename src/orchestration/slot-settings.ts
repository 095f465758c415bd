import { DEFAULT_WAITS, type SlotWaits } from '../entities/concurrency/slot-decay.ts';
import type { Settings } from '../settings/settings.ts';

/** What Prefect's settings say of the slots that state rules take. */
export interface SlotSettings {
  readonly waits: SlotWaits;
  /** Until a run that found its deployment's limit reached is tried again. */
  readonly deploymentWaitSeconds: number;
  /** For how long a slot is kept for a run whose infrastructure is on its way, where the deployment doesn't say. */
  readonly deploymentLeaseSeconds: number;
}

export const DEFAULT_SLOT_SETTINGS: SlotSettings = {
  waits: DEFAULT_WAITS,
  deploymentWaitSeconds: 30,
  deploymentLeaseSeconds: 300,
};

export function slotWaits({ server }: Settings): SlotWaits {
  return {
    tag: server.tasks.tagConcurrencySlotWaitSeconds,
    other: server.concurrency.maximumConcurrencySlotWaitSeconds,
  };
}

export function slotSettings(settings: Settings): SlotSettings {
  const { concurrency, deployments } = settings.server;
  return {
    waits: slotWaits(settings),
    deploymentWaitSeconds: deployments.concurrencySlotWaitSeconds,
    deploymentLeaseSeconds: concurrency.initialDeploymentLeaseDuration,
  };
}
