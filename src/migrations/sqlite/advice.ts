import { codeOf } from '../../db/sqlite/errors.ts';
import { type Advice, adviceFrom } from '../advice.ts';
import { MAKE_ROOM, SEE_DOCTOR } from '../errors.ts';

export const SQLITE_ADVICE: readonly Advice[] = [
  { code: /^SQLITE_FULL$/, advice: MAKE_ROOM },
  {
    code: /^SQLITE_(?:READONLY|CANTOPEN)/,
    advice: 'make sure that this user may write the file and its folder',
  },
  { code: /^SQLITE_IOERR/, advice: 'make sure that its disk has room and works' },
  { code: /^SQLITE_(?:CORRUPT|NOTADB)/, advice: 'restore it from a backup' },
  {
    message: /^(?:no such (?:table|column|index)|duplicate column name)\b|\balready exists$/,
    advice: SEE_DOCTOR,
  },
];

/** What to do about a failure; null where only its reason tells. */
export function sqliteAdvice(error: unknown): string | null {
  const { cause, message } = error as Error;
  // A database in memory is asked through the server's own connection, which has its own words.
  return adviceFrom(SQLITE_ADVICE, codeOf(cause) || codeOf(error), message);
}
