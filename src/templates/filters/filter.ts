import type { Budget } from '../budget.ts';
import type { CallArguments, Value } from '../python/values.ts';

export interface FilterContext {
  budget: Budget;
  /** Calls a filter or a test by its name. */
  filter(name: string, value: Value, args: CallArguments): Value;
  test(name: string, value: Value, args: CallArguments): boolean;
}

export type Filter = (value: Value, args: CallArguments, context: FilterContext) => Value;
