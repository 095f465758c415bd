import type { Database } from '../db/database.ts';
import { endLease, endLeasesOfHolder } from '../entities/concurrency/lease.ts';
import { type ConcurrencyLimit, readLimitsByName } from '../entities/concurrency/limit.ts';
import { limitNameOfTag, tagOfLimit, takeSlotsForTaskRun } from '../entities/concurrency/tag-limit.ts';
import { jittered } from './rules/retries.ts';
import type { SlotSettings } from './slot-settings.ts';

export type TagLimitRow = ConcurrencyLimit & { tag: string };

/** The limits of a task run's tags, as its rules see them. */
export interface TaskSlots {
  /** Those that are switched on, by name. */
  limits(): Promise<TagLimitRow[]>;
  /** Takes a slot of each, or none. */
  take(limits: TagLimitRow[]): Promise<boolean>;
  /** Gives back what `take` took. */
  undo(): Promise<void>;
  /** Gives back whatever the run holds of the limits of its tags. */
  giveBack(): Promise<void>;
  /** When a run that found no slot is to ask again. */
  waitSeconds(limits: TagLimitRow[]): number;
}

const JITTER = 0.3;

export function taskSlots(
  db: Database,
  run: { id: string; tags: string[] },
  { waits }: SlotSettings,
): TaskSlots {
  let taken: string | null = null;
  const names = run.tags.map(limitNameOfTag);
  const ofTags = () => (names.length === 0 ? [] : readLimitsByName(db, names));
  return {
    async limits() {
      const limits = await ofTags();
      return limits.filter(({ active }) => active).map((limit) => ({ ...limit, tag: tagOfLimit(limit) }));
    },
    async take(limits) {
      const ids = limits.map(({ id }) => id);
      taken = await takeSlotsForTaskRun(db, ids, run.id, waits);
      return taken !== null;
    },
    async undo() {
      if (taken) await endLease(db, taken, { waits });
      taken = null;
    },
    async giveBack() {
      const ids = (await ofTags()).map(({ id }) => id);
      if (ids.length > 0) await endLeasesOfHolder(db, run.id, ids, { waits });
    },
    waitSeconds(limits) {
      const load = ({ active_slots, limit }: TagLimitRow) => active_slots / limit;
      const fullest = limits.reduce((most, one) => (load(one) > load(most) ? one : most));
      const average = fullest.avg_slot_occupancy_seconds || waits.tag;
      return Math.round(jittered(Math.min(average, waits.tag), JITTER));
    },
  };
}
