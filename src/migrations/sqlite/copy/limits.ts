import type { Check } from './checks.ts';

type Limit = Omit<Check, 'column'>;

/** For an integer of PostgreSQL's, which has fewer digits than SQLite's. */
export const rangeCheck = (c: string, limit: number): Limit => ({
  what: 'is out of range',
  sql: `typeof(${c}) = 'integer' and ${c} not between ${-limit} and ${limit - 1}`,
  onlyPg: true,
});

export const lengthCheck = (c: string, length: number): Limit => ({
  what: `is longer than ${length} characters`,
  sql: `length(${c}) > ${length}`,
  onlyPg: true,
});
