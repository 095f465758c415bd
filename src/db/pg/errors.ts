import {
  DatabaseError,
  DatabaseUnavailable,
  IntegrityError,
  InvalidValue,
  TransactionGivenUp,
} from '../errors.ts';

const CONSTRAINTS: Record<string, IntegrityError['kind']> = {
  '23505': 'unique',
  '23503': 'foreign_key',
  '23502': 'not_null',
  '23514': 'check',
};

/** Text with NUL, numbers out of range, malformed values; rows, statements and expressions larger than PostgreSQL takes. */
const INVALID = /^(22|54)/;

/** Serialisation failure, deadlock. */
const GIVEN_UP = /^40(001|P01)$/;

/** Lost or refused connections, shutdown, too many clients, resources, cancelled or timed out, given up. */
const UNAVAILABLE = /^(08|28|3D|40|53|55P03|57|58|25006)/;

const CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Maps what `pg` throws; what it doesn't know stays as it is, as a fault of the server. */
export function toDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  const {
    code = '',
    constraint,
    column,
  } = error as Error & { code?: string; constraint?: string; column?: string };
  const kind = CONSTRAINTS[code];
  if (kind) return new IntegrityError(kind, constraint ?? column ?? error.message, { cause: error });
  if (INVALID.test(code)) return new InvalidValue(`${error.message}.`, { cause: error });
  if (UNAVAILABLE.test(code) || CONNECTION.has(code) || isLostConnection(error)) {
    const Unavailable = GIVEN_UP.test(code) ? TransactionGivenUp : DatabaseUnavailable;
    return new Unavailable(`PostgreSQL can't be used: ${error.message || code}.`, { cause: error });
  }
  return error;
}

/** `pg` reports these without a code. */
function isLostConnection({ message }: Error): boolean {
  return /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|not queryable|Cannot use a pool after calling end/.test(
    message,
  );
}
