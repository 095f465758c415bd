import type { ChainName, Revision } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import type { KnownSchema } from '../facts/known-schema.ts';
import { isTouched, touchedNames } from '../sqlite/references.ts';
import { countRows, type RowCount } from './rows.ts';

/** Rows of tables as they are now, by the names that they will have when a revision gets to them. */
export class LiveRows {
  private readonly connection: MigrationConnection;
  /** Names in the database by the names of the moment. */
  private readonly live: Map<string, string>;
  private readonly counts = new Map<string, RowCount>();

  constructor(connection: MigrationConnection, tables: readonly string[]) {
    this.connection = connection;
    this.live = new Map(tables.map((table) => [table, table]));
  }

  get chain(): ChainName {
    return this.connection.chain;
  }

  /** A table that isn't there yet has none. */
  async of(table: string): Promise<RowCount> {
    const name = this.live.get(table);
    if (name === undefined) return { rows: 0, exact: true };
    const known = this.counts.get(name) ?? (await countRows(this.connection, name));
    this.counts.set(name, known);
    return known;
  }

  rename(names: ReadonlyMap<string, string>): void {
    const renamed = [...names].map(([name, old]) => [name, old, this.live.get(old)] as const);
    for (const [, old] of renamed) this.live.delete(old);
    for (const [name, , live] of renamed) if (live !== undefined) this.live.set(name, live);
  }
}

/** Of tables whose references SQLite is asked to look at. */
export async function checkedRows(
  { statements }: Revision,
  schema: KnownSchema | undefined,
  live: LiveRows,
): Promise<number> {
  const touched = touchedNames(statements);
  const referring = [...(schema?.values() ?? [])].filter(({ name, foreignKeys }) => {
    const others = [...foreignKeys.values()].map(({ table }) => table);
    return others.length > 0 && isTouched(touched, name, others);
  });
  let rows = 0;
  for (const { name } of referring) rows += (await live.of(name)).rows;
  return rows;
}
