import { getTableColumns } from 'drizzle-orm';
import type { InsertPairs } from '../database.ts';
import { insertMany } from './insert-many.ts';

/** What they refer to is looked for when the transaction commits. */
export function insertPairs(
  runMany: (sql: string, paramSets: unknown[][]) => unknown[],
  { first, second, by }: InsertPairs,
): string[] {
  runMany('pragma defer_foreign_keys = on', [[]]);
  const { id } = getTableColumns(first.table);
  const options = { onConflictDoNothing: true, returning: [id!] };
  const inserted = new Set(insertMany(runMany, first.table, first.rows, options).map((row) => row['id']));
  const theirs = second.rows.filter((row) => inserted.has(row[by.name]));
  if (theirs.length > 0) insertMany(runMany, second.table, theirs, {});
  return [...inserted] as string[];
}
