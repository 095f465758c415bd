import type { Catalog } from '../catalog/catalog.ts';
import { expectedCatalog } from '../catalog/expected.ts';
import type { Copying } from './copy.ts';
import type { Surveyed } from './engine.ts';
import type { Problem } from './problems.ts';
import { CopyProgress } from './progress.ts';
import { type Side, type TablesToCopy, tablesToCopy } from './tables.ts';

export interface Sides {
  readonly source: Omit<Side, 'catalog'>;
  readonly target: Omit<Side, 'catalog'>;
}

/** A copy at work. */
export interface Run extends TablesToCopy {
  readonly source: Side;
  readonly target: Side;
  readonly expected: Catalog;
  readonly surveyed: Map<string, Surveyed>;
  readonly progress: CopyProgress;
}

/** Finds out what there is to copy. */
export async function look({ from, wanted: { chain }, options }: Copying, sides: Sides): Promise<Run> {
  const source = { ...sides.source, catalog: await sides.source.connection.catalog() };
  const target = { ...sides.target, catalog: await sides.target.connection.catalog() };
  const expected = await expectedCatalog(target.connection, chain, chain.at(-1)!.id);
  const { tables, left } = await tablesToCopy(source, target);
  for (const name of left)
    options.reporter.line(`not copied: the table ${name}, which the target has no place for`);
  const names = tables.map(({ name }) => name);
  const surveyed = await from.survey(source.connection, names);
  return {
    source,
    target,
    expected,
    surveyed,
    tables,
    left,
    progress: new CopyProgress(options.reporter, tables, surveyed),
  };
}

/** What the target can't keep. */
export async function findProblems(
  { from }: Copying,
  { source, target, tables, progress }: Run,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  progress.begin('checking');
  for (const table of tables) {
    progress.table(table);
    problems.push(...(await from.problems(source, table, target)));
    progress.rows(progress.rowsOf(table));
  }
  return [...problems, ...(await from.danglingRows(source.connection))];
}
