import { codeOf } from '../../db/sqlite/errors.ts';
import { MAKE_ROOM, SEE_DOCTOR } from '../errors.ts';

/** What to do about a failure; null where only its reason tells. */
export function sqliteAdvice(error: unknown): string | null {
  // A database in memory is asked through the server's own connection, which has its own words.
  const { cause } = error as Error;
  const code = codeOf(cause) || codeOf(error);
  const { message } = error as Error;
  if (code === 'SQLITE_FULL') return MAKE_ROOM;
  if (/^SQLITE_(?:READONLY|CANTOPEN)/.test(code))
    return 'make sure that this user may write the file and its folder';
  if (code.startsWith('SQLITE_IOERR')) return 'make sure that its disk has room and works';
  if (/^SQLITE_(?:CORRUPT|NOTADB)/.test(code)) return 'restore it from a backup';
  if (/^(?:no such (?:table|column|index)|duplicate column name)\b|\balready exists$/.test(message))
    return SEE_DOCTOR;
  return null;
}
