import { compareCatalogs, type Difference } from '../catalog/diff.ts';
import { expectedCatalog } from '../catalog/expected.ts';
import type { Revision } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import { physicianFor } from '../doctor/doctor.ts';
import type { Finding } from '../doctor/findings.ts';
import type { MigrationReporter } from '../progress.ts';

/** An operator's own: nothing reads or writes them, or not so that the server would notice. */
const HARMLESS_EXTRAS: readonly Difference['kind'][] = ['index', 'table', 'view', 'trigger', 'enum'];

/** An operator's own object, which stays. */
export interface Extra extends Difference {
  /** The statement that makes it, of an index. */
  readonly definition: string | null;
}

export interface Comparison {
  readonly wrong: readonly Finding[];
  readonly extras: readonly Extra[];
}

/** The database against what a revision has built. */
export async function compareWith(
  connection: MigrationConnection,
  chain: readonly Revision[],
  revision: string,
): Promise<Comparison> {
  const physician = await physicianFor(connection);
  const found = await connection.catalog();
  const expected = await expectedCatalog(connection, chain, revision);
  const differences = compareCatalogs(expected, found);
  const isHarmless = ({ kind, change }: Difference) => change === 'extra' && HARMLESS_EXTRAS.includes(kind);
  const definitionOf = ({ kind, table, name }: Difference): string | null =>
    (kind === 'index' && found.tables[table!]?.indexes.find((index) => index.name === name)?.definition) ||
    null;
  return {
    wrong: differences
      .filter((difference) => !isHarmless(difference))
      .map((difference) => physician.judge(difference, expected, found)),
    extras: differences
      .filter(isHarmless)
      .map((difference) => ({ ...difference, definition: definitionOf(difference) })),
  };
}

const SHOWN = 5;

/** What is wrong and what puts it right, as parts of a sentence; all of it is told to the reporter. */
export function wrongInWords(
  wrong: readonly Finding[],
  reporter: MigrationReporter,
): { named: string; advice: string } {
  for (const { object, problem, expected, found, advice } of wrong) {
    const facts = [expected && `expected: ${expected}`, found && `found: ${found}`]
      .filter(Boolean)
      .join(', ');
    reporter.line(`${object} ${problem} (${facts}): ${advice}`);
  }
  const named = wrong.slice(0, SHOWN).map(({ object, problem }) => `${object} ${problem}`);
  if (wrong.length > SHOWN) named.push(`and ${wrong.length - SHOWN} more`);
  const advice = wrong.length === 1 ? wrong[0]!.advice : 'put each right as the lines before this one say';
  return { named: named.join('; '), advice };
}

export const extraName = ({ kind, table, name }: Difference): string =>
  kind === 'table' || table === null ? `${kind} ${name}` : `${kind} ${name} of ${table}`;
