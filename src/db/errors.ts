import { DrizzleQueryError } from 'drizzle-orm';

/** What a driver can fail with, once for both engines; `db/{sqlite,pg}/errors.ts` map into it and nothing else does. */
export abstract class DatabaseError extends Error {
  abstract readonly code: string;
}

/** A unique, foreign key, not-null or check constraint was violated. */
export class IntegrityError extends DatabaseError {
  readonly code = 'integrity';
  readonly kind: 'unique' | 'foreign_key' | 'not_null' | 'check';
  /** PostgreSQL: the constraint's name. SQLite: `table.column, table.column`, or the constraint's or index's name where it tells. */
  readonly constraint: string;

  constructor(kind: IntegrityError['kind'], constraint: string, options?: ErrorOptions) {
    const which = constraint === '' ? 'A' : 'The';
    const name = constraint === '' ? '' : ` ${constraint}`;
    super(`${which} ${kind.replace('_', ' ')} constraint${name} refuses this row.`, options);
    this.kind = kind;
    this.constraint = constraint;
  }
}

/** The database can't be reached, closed the connection, or didn't answer in time; the same request may succeed later. */
export class DatabaseUnavailable extends DatabaseError {
  readonly code = 'unavailable';
}

/**
 * The database ended this transaction for another one's sake (a deadlock, a serialisation failure). Nothing of it is
 * left, and done again it goes through.
 */
export class TransactionGivenUp extends DatabaseUnavailable {}

/** What another transaction made first, and a third one may have deleted since: then all is done again, too. */
export function stillThere<T>(found: T | undefined): T {
  if (found === undefined)
    throw new TransactionGivenUp('What another transaction made was deleted by a third one.');
  return found;
}

/** The statement itself can't be run with these values (a number out of range, text with NUL): the caller's input. */
export class InvalidValue extends DatabaseError {
  readonly code = 'invalid_value';
}

/** Drizzle wraps what a driver throws in a message with the whole statement; ours is underneath. */
export function unwrapDatabaseError(error: unknown): unknown {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof DatabaseError) return at;
  }
  return error;
}

/**
 * The same error for a log: Drizzle's own has the parameters of the statement in its message, and those are the users'
 * data. Its stack says which query of ours it was, the cause's only where the driver was.
 */
export function withoutParameters(error: unknown): unknown {
  if (!(error instanceof DrizzleQueryError) || !error.cause) return error;
  const { message } = error.cause;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return Object.assign(new Error(message), {
    stack: [`Error: ${message}`, ...frames].join('\n'),
    query: error.query,
  });
}
