/** The same numbers for the same seed, whatever the machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 32 bits (mulberry32). */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** At least 0, below 1. */
  share(): number {
    return this.bits() / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.share() * limit);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** A few of the list are picked most of the time, as a few flows make most of the runs. */
  skewedOf<T>(list: readonly T[]): T {
    return list[Math.floor(this.share() ** 3 * list.length)]!;
  }

  /** Its last four digits are left for who repeats it. */
  uuid(): string {
    const [a, b, c, d] = [this.hex(), this.hex(), this.hex(), this.hex()];
    const variant = '89ab'[this.bits() & 3];
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d.slice(4)}0000`;
  }

  private hex(): string {
    return this.bits().toString(16).padStart(8, '0');
  }
}

/** A moment in wire form, so many milliseconds after 1970; the microseconds below are of no consequence. */
export function moment(milliseconds: number): string {
  const micros = 1000 + ((milliseconds * 7) % 1000);
  return `${new Date(milliseconds).toISOString().slice(0, 23)}${String(micros).slice(1)}Z`;
}
