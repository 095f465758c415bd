import { nullable, timestamp, uuid } from '../kinds/index.ts';

/** What every row of a table shows. */
export const row = { id: uuid(), created: nullable(timestamp()), updated: nullable(timestamp()) };
