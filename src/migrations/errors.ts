/** Why a migration is refused or failed, with the exit code that the command ends with. */
export const EXIT_CODES = {
  /** A revision could not be applied. */
  failed: 1,
  /** The revisions in the code don't make one line, or not one that continues the database's. */
  order: 1,
  /** A file of the chain is missing or can't be read. */
  chain: 1,
  unreachable: 1,
  /** A downgrade broke off in the middle of a revision, and has to be finished first. */
  interrupted: 1,
  /** A revision that can't be undone stands in the way of a downgrade. */
  irreversible: 1,
  /** A copy of the database couldn't be made, or isn't one. */
  backup: 1,
  /** Rows that the target of a copy can't hold, or that aren't the same there. */
  copy: 1,
  /** Someone went on writing to a database while it was copied. */
  source_changed: 1,
  /** PostgreSQL has tools of its own for it. */
  own_tool: 2,
  /** No revision of this name. */
  unknown_revision: 2,
  /** The setting names something that isn't a database for us: no SQLite file, someone else's tables. */
  not_ours: 2,
  made_by_prefect: 2,
  /** PostgreSQL or SQLite itself. */
  too_old: 2,
  ahead: 3,
  behind: 4,
  /** What was applied is not what the code has now, or the file is damaged. */
  changed: 5,
  /** Data would be lost, or a ledger rewritten, and nobody has said yes to it. */
  refused: 6,
  locked: 7,
} as const;

export type MigrationErrorKind = keyof typeof EXIT_CODES;

/** One sentence that says what to do next. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly kind: MigrationErrorKind;
  readonly exitCode: number;

  constructor(kind: MigrationErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.exitCode = EXIT_CODES[kind];
  }
}

export const MAKE_ROOM = 'make room on its disk';
/** Where a statement finds something there that shouldn't be, or the other way round, the ledger may not be right. */
export const SEE_DOCTOR = 'see what prefect-server database doctor says of the tables';

/** What stands at the beginning of a sentence, in the middle of one. */
export const lower = (place: string): string => place.charAt(0).toLowerCase() + place.slice(1);

/** The first few of many. */
export const some = (names: readonly string[]): string =>
  names.slice(0, 3).join(', ') + (names.length > 3 ? ', ...' : '');

/** The refusal of a database that has tables, but none of ours. */
export function ofAnother(
  { place, elsewhere }: { place: string; elsewhere: string },
  tables: readonly string[],
): MigrationError {
  const names = some(tables);
  return new MigrationError('not_ours', `${place} holds tables of another program (${names}): ${elsewhere}.`);
}

/** What to do about what a driver says. */
export function adviceOn(connection: { advice(error: unknown): string | null }, error: unknown): string {
  return connection.advice(error) ?? 'put right what the reason names';
}

/** What a driver says, as the middle of a sentence: PostgreSQL's detail and hint with it. */
export function reasonOf(error: unknown): string {
  const { message, detail, hint } = error as Error & { detail?: string; hint?: string };
  const bare = (text: string) => text.trim().replace(/\.$/, '');
  const more = [detail, hint].filter((text) => text !== undefined).map(bare);
  return bare(message || String(error)) + (more.length > 0 ? ` (${more.join('; ')})` : '');
}
