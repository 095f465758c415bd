import { int, optional, withDefault } from '../kinds/index.ts';

/**
 * Any whole number: the default and the limit of the limit come from a setting, and Prefect's answer to a wrong one
 * isn't a validation error, so the routes check it.
 */
export const limit = optional(int({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }));
export const offset = withDefault(int({ ge: 0, max: Number.MAX_SAFE_INTEGER }), 0);
export const page = withDefault(int({ ge: 1, max: Number.MAX_SAFE_INTEGER }), 1);

/** What an answer of one page tells about all of them. */
export const pageCounts = { count: int(), limit: int(), pages: int(), page: int() };
