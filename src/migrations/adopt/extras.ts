import type { MigrationConnection } from '../connection.ts';
import { reasonOf } from '../errors.ts';
import type { MigrationReporter } from '../progress.ts';
import { type Extra, extraName } from './compare.ts';

/** Makes an operator's indexes again that are gone: a rebuild on SQLite takes with it what it doesn't know. */
export async function keepIndexes(
  connection: MigrationConnection,
  extras: readonly Extra[],
  reporter: MigrationReporter,
): Promise<void> {
  const indexes = extras.filter(({ definition }) => definition !== null);
  if (indexes.length === 0) return;
  const { tables } = await connection.catalog();
  for (const extra of indexes) {
    if (tables[extra.table!]?.indexes.some(({ name }) => name === extra.name)) continue;
    try {
      await connection.run(extra.definition!);
      reporter.line(`made ${extraName(extra)} again after its table was rebuilt`);
    } catch (error) {
      reporter.line(`${extraName(extra)} is gone (${reasonOf(error)}): it was ${extra.definition}`);
    }
  }
}
