/** What the compiler says when the schemas part: checked by `npm run check:types`, not run. */

import { boolean, pgTable, text as pgText, varchar } from 'drizzle-orm/pg-core';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Parity } from '../../src/schema/parity.ts';

const flow = pgTable('flow', { name: varchar().notNull(), tags: pgText(), active: boolean().default(true) });
const same = sqliteTable('flow', {
  name: text().notNull(),
  tags: text(),
  active: integer({ mode: 'boolean' }).default(true),
});
const other = sqliteTable('flow', { name: text(), tags: integer(), active: integer({ mode: 'boolean' }) });

type Exactly<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

export const proofs: [
  Exactly<Parity<{ flow: typeof flow }, { flow: typeof same }>, 'in parity'>,
  Exactly<
    Parity<{ flow: typeof flow }, { flow: typeof other }>,
    'flow.name differs in notNull' | 'flow.tags differs in data' | 'flow.active differs in hasDefault'
  >,
  Exactly<
    Parity<{ flow: typeof flow }, { log: typeof same }>,
    'flow is missing in SQLite' | 'log is missing in PostgreSQL'
  >,
] = [true, true, true];
