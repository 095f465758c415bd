import { hash } from 'node:crypto';
import type { Canonical, CanonicalRow } from '../values.ts';
import { jsonbText } from './jsonb-text.ts';
import type { CopyTable } from './tables.ts';

const LANES = 8;

/** Count and checksum of rows in any order: the sum of the hashes of all. */
export class Digest {
  count: number;
  private readonly lanes = new Uint32Array(LANES);

  constructor(count = 0, hex = '') {
    this.count = count;
    if (hex !== '')
      for (let i = 0; i < LANES; i++) this.lanes[i] = Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16);
  }

  add(text: string): void {
    const bytes = hash('sha256', text, 'buffer');
    for (let i = 0; i < LANES; i++) this.lanes[i]! += bytes.readUInt32BE(i * 4);
    this.count++;
  }

  get hex(): string {
    return Array.from(this.lanes, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }

  equals(other: { count: number; hex: string }): boolean {
    return this.count === other.count && this.hex === other.hex;
  }
}

/** A row as text, alike for both sides of a copy. */
export function rowText({ columns, jsonb }: CopyTable, row: CanonicalRow): string {
  let text = '';
  for (const name of columns) {
    const value = row[name]!;
    text += `${value !== null && jsonb.has(name) ? jsonbText(value as string) : valueText(value)}\u0000`;
  }
  return text;
}

function valueText(value: Canonical): string {
  if (typeof value === 'string') return value;
  if (value === null) return '\u0001';
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
