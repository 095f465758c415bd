import { pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { text, timestamp, varchar } from './columns.ts';

/** The background services, one row each: who does the turn in hand, when the next one is due, how the last one went. */
export const _service = pgTable(
  '_service',
  {
    name: varchar().notNull(),
    /** The server that does a turn now. */
    holder: varchar(),
    /** When a turn may be taken: the next one, or this one from a holder that has died. */
    due: timestamp().notNull(),
    started: timestamp(),
    finished: timestamp(),
    /** What the last turn failed with. */
    failure: text(),
  },
  (t) => [primaryKey({ name: 'pk__service', columns: [t.name] })],
);
