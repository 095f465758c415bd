/**
 * Values as both engines understand them, so that a row read from one can be written to the other: a uuid in lower case,
 * a timestamp in wire form with six digits, JSON and numerics as their text, an integer beyond the safe ones as text, an
 * interval as seconds.
 */
export type Canonical = string | number | boolean | Uint8Array | null;

export type CanonicalRow = Record<string, Canonical>;

export type ValueKind =
  | 'text'
  | 'uuid'
  | 'timestamp'
  | 'interval'
  | 'json'
  | 'boolean'
  | 'integer'
  | 'bigint'
  | 'double'
  | 'numeric'
  | 'bytes';

/** How a column's values pass between the engine's driver and us. */
export interface Codec {
  readonly kind: ValueKind;
  decode(stored: unknown): Canonical;
  encode(value: Canonical): unknown;
}

/** A column of a live table. */
export interface ColumnInfo {
  readonly name: string;
  /** As the engine spells it. */
  readonly type: string;
  readonly codec: Codec;
}

/** Digits of an integer as a number, where a number can hold it. */
export function integerFromText(text: string): number | string {
  if (text.length < 16) return Number(text);
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** Makes a codec for values that are there; null is null everywhere. */
export function codec(
  kind: ValueKind,
  decode: (stored: never) => Canonical,
  encode: (value: never) => unknown,
): Codec {
  return {
    kind,
    decode: (stored) => (stored === null || stored === undefined ? null : decode(stored as never)),
    encode: (value) => (value === null || value === undefined ? null : encode(value as never)),
  };
}
