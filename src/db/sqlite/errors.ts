import { DatabaseError, DatabaseUnavailable, IntegrityError, InvalidValue } from '../errors.ts';

const CONSTRAINTS: Record<string, IntegrityError['kind']> = {
  SQLITE_CONSTRAINT_UNIQUE: 'unique',
  SQLITE_CONSTRAINT_PRIMARYKEY: 'unique',
  SQLITE_CONSTRAINT_ROWID: 'unique',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'foreign_key',
  SQLITE_CONSTRAINT_NOTNULL: 'not_null',
  SQLITE_CONSTRAINT_CHECK: 'check',
};

const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|NOTADB|CORRUPT|READONLY|PROTOCOL|NOMEM)/;

/** Of one statement; SQLite has no code of its own for them. */
const LIMITS =
  /pattern too complex|tree is too large|stack overflow|too many (?:SQL variables|terms|arguments)|statement too long/;

/** SQLite's name for what went wrong; empty for other errors. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** Maps what better-sqlite3 throws; what it doesn't know stays as it is, as a fault of the server. */
export function toDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  if (error instanceof RangeError || error instanceof TypeError) return error;
  const code = codeOf(error);
  const kind = CONSTRAINTS[code];
  if (kind) return new IntegrityError(kind, constraintOf(error.message), { cause: error });
  if (code === 'SQLITE_TOOBIG' || code === 'SQLITE_MISMATCH') {
    return new InvalidValue('A value is too large or of the wrong type.', { cause: error });
  }
  if (code === 'SQLITE_ERROR' && LIMITS.test(error.message)) {
    return new InvalidValue(`The request asks for more at once than SQLite can do: ${error.message}.`, {
      cause: error,
    });
  }
  if (UNAVAILABLE.test(code) || error.message === 'The database connection is not open') {
    return new DatabaseUnavailable(`The SQLite database can't be used: ${error.message}.`, { cause: error });
  }
  return error;
}

/** `UNIQUE constraint failed: flow.name` -> `flow.name`; of a foreign key SQLite doesn't say which one it was. */
function constraintOf(message: string): string {
  const colon = message.indexOf(': ');
  return colon < 0 ? '' : message.slice(colon + 2);
}
