import { JsonNumber } from './json.ts';

/** A number as Python writes a float, 0 as 0.0: for members that are floats in Prefect. */
export function float(number: number): JsonNumber | number {
  return Number.isInteger(number) ? new JsonNumber(number.toFixed(1)) : number;
}
