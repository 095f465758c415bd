import type { MigrationConnection } from '../connection.ts';
import { lower, MigrationError } from '../errors.ts';
import type { MigrationReporter } from '../progress.ts';

/** Values of one column that can't be copied, and why. */
export interface Problem {
  readonly table: string;
  readonly column: string;
  /** Whose values `keys` are. */
  readonly key: string;
  /** `has a NUL character`. */
  readonly what: string;
  readonly rows: number;
  /** Of the first rows. */
  readonly keys: readonly string[];
  /** It is about single characters, which others can stand for. */
  readonly replaceable: boolean;
  /** Only PostgreSQL minds. */
  readonly onlyPg: boolean;
}

export const KEYS_TOLD = 3;
const PROBLEMS_TOLD = 3;

/** Says each, and refuses the copy unless all may be replaced. */
export function refuseProblems(
  problems: readonly Problem[],
  { place }: MigrationConnection,
  reporter: MigrationReporter,
  replace: boolean,
): void {
  for (const problem of problems) reporter.line(sentence(problem));
  const left = problems.filter(({ replaceable }) => !(replace && replaceable));
  if (left.length === 0) return;
  const more = left.length > PROBLEMS_TOLD ? `; and ${left.length - PROBLEMS_TOLD} more` : '';
  const list = left.slice(0, PROBLEMS_TOLD).map(sentence).join('; ') + more;
  const advice = left.every(({ replaceable }) => replaceable)
    ? 'correct them, or add --replace-characters to have U+FFFD in their place'
    : 'correct them in the source, then copy again';
  throw new MigrationError(
    'copy',
    `Nothing was copied, since ${lower(place)} holds what the target can't keep (${list}): ${advice}.`,
  );
}

export const sentence = (problem: Problem): string =>
  `${problem.table}.${problem.column} ${predicate(problem)}`;

/** Without the column. */
export function predicate({ what, rows, keys }: Problem): string {
  const which = [...keys, ...(rows > keys.length ? ['...'] : [])].join(', ');
  return `${what} in ${rows} ${rows === 1 ? 'row' : 'rows'} (${which})`;
}
