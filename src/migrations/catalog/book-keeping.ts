/** Tables that no revision makes: each database has its own of them, and they are no part of the schema. */

/** Which revisions were applied. */
export const LEDGER = '_migrations';

/** How far a revision has come that isn't one transaction. */
export const PROGRESS_TABLE = '_migration_progress';

/** In a target until its copy is finished. Nothing serves or migrates a database that has it. */
export const COPY_TABLE = '_copy';

/** Where Alembic, and so Prefect itself, notes at which revision a database is. */
export const ALEMBIC = 'alembic_version';

const ALL = new Set([LEDGER, PROGRESS_TABLE, COPY_TABLE, ALEMBIC]);

/** Also what a rebuild on SQLite has in hand, whose name begins with `__`. */
export const isBookKeeping = (table: string): boolean => ALL.has(table) || table.startsWith('__');

/**
 * Tables of ours beside Prefect's: what running servers have to agree on (who holds a lease, whose turn it is), nothing
 * that a user has entered or that a run has left behind.
 */
export const isWorkingState = (table: string): boolean => table.startsWith('_');
