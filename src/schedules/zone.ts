/** Local time of the world's zones. Moments and clocks are whole seconds since 1970; a clock's as if it were UTC. */

const DAY = 86_400;

/** Shorter than any two changes of a zone's offset lie apart: the shortest is a month of fasting. */
const BLOCK = 14 * DAY;

/** A block in which the offset changes, or doesn't (then `at` is null and both offsets are the same). */
interface Block {
  before: number;
  at: number | null;
  after: number;
}

/** A change of the offset: from `before` to `after` at the moment `at`. */
export interface Change {
  at: number;
  before: number;
  after: number;
}

export class Zone {
  readonly name: string;
  private readonly format: Intl.DateTimeFormat | null;
  private readonly blocks = new Map<number, Block>();

  private constructor(name: string) {
    this.name = name;
    this.format = isUtc(name) ? null : formatOf(name);
  }

  private static readonly zones = new Map<string, Zone>();

  /** The zone of this name. Names are checked where they come in; one that this platform doesn't know counts as UTC. */
  static named(name: string): Zone {
    let zone = Zone.zones.get(name);
    if (!zone) {
      zone = new Zone(name);
      Zone.zones.set(name, zone);
    }
    return zone;
  }

  /** Seconds east of UTC at a moment. */
  offsetAt(moment: number): number {
    if (this.format === null) return 0;
    const { at, before, after } = this.block(Math.floor(moment / BLOCK));
    return at === null || moment < at ? before : after;
  }

  clockAt(moment: number): number {
    return moment + this.offsetAt(moment);
  }

  /** The change that lies within a day of this reading of the clock. */
  changeNear(clock: number): Change | null {
    if (this.format === null) return null;
    const first = Math.floor((clock - DAY) / BLOCK);
    const last = Math.floor((clock + DAY) / BLOCK);
    for (let i = first; i <= last; i++) {
      const { at, before, after } = this.block(i);
      if (at !== null && at >= clock - DAY && at < clock + DAY) return { at, before, after };
    }
    return null;
  }

  /** The first change after this moment and before `end`. */
  changeAfter(moment: number, end: number): Change | null {
    for (let i = Math.floor(moment / BLOCK); this.format !== null && i * BLOCK < end; i++) {
      const { at, before, after } = this.block(i);
      if (at !== null && at > moment && at < end) return { at, before, after };
    }
    return null;
  }

  private block(index: number): Block {
    let block = this.blocks.get(index);
    if (!block) {
      block = this.look(index * BLOCK);
      if (this.blocks.size > 10_000) this.blocks.clear();
      this.blocks.set(index, block);
    }
    return block;
  }

  private look(start: number): Block {
    const before = this.read(start);
    const after = this.read(start + BLOCK);
    if (before === after) return { before, at: null, after };
    let [low, high] = [start, start + BLOCK];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.read(middle) === before) low = middle;
      else high = middle;
    }
    return { before, at: high, after };
  }

  private read(moment: number): number {
    const { year, month, day, hour, minute, second } = Object.fromEntries(
      this.format!.formatToParts(moment * 1000).map(({ type, value }) => [type, Number(value)]),
    ) as Record<string, number>;
    return clockOf(year!, month!, day!) + hour! * 3600 + minute! * 60 + second! - moment;
  }
}

function isUtc(name: string): boolean {
  return name === 'UTC' || name === 'Etc/UTC' || name === '';
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}

/** Midnight of a date, as a clock shows it; months and days outside their ranges carry over. */
export function clockOf(year: number, month: number, day: number): number {
  // Years that begin with March have their leap day at the end; 400 of them are 146,097 days.
  const months = year * 12 + month - 3;
  const marchYear = Math.floor(months / 12);
  const era = Math.floor(marchYear / 400);
  const ofEra = marchYear - era * 400;
  const ofYear = Math.floor((153 * (months - marchYear * 12) + 2) / 5) + day - 1;
  const days = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear;
  return (era * 146_097 + days - 719_468) * DAY;
}

type Fold = 0 | 1;

interface Local {
  moment: number;
  clock: number;
}

/**
 * The moment of a reading of the clock, as Prefect's pendulum finds it. Of a reading that comes twice `fold` chooses; one
 * that the clock leaves out moves by the size of the gap, back with fold 0 and forth with fold 1.
 */
export function resolveClock(zone: Zone, clock: number, fold: Fold): Local {
  const change = zone.changeNear(clock);
  if (!change) return { clock, moment: clock - zone.offsetAt(clock) };
  const { at, before, after } = change;
  if (after > before && clock >= at + before && clock < at + after) {
    const gap = after - before;
    const moved = fold === 1 ? clock + gap : clock - gap;
    return { clock: moved, moment: moved - (fold === 1 ? after : before) };
  }
  const isBefore = clock < at + (fold === 0 ? Math.max(before, after) : Math.min(before, after));
  return { clock, moment: clock - (isBefore ? before : after) };
}
