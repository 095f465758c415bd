import { index, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core';
import { boolean, created, id, updated, varchar } from './columns.ts';

export const block_type = pgTable(
  'block_type',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    logo_url: varchar(),
    documentation_url: varchar(),
    description: varchar(),
    code_example: varchar(),
    is_protected: boolean().notNull().default(false),
    slug: varchar().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_block_type', columns: [t.id] }),
    index('ix_block_type__updated').on(t.updated),
    index('trgm_ix_block_type_name').using('gin', t.name.op('gin_trgm_ops')),
    uniqueIndex('uq_block_type__slug').on(t.slug),
  ],
);
