import { sql } from 'drizzle-orm';
import { isBookKeeping } from '../catalog/book-keeping.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MigrationConnection } from '../connection.ts';
import { type Finding, finding } from './findings.ts';

/** Counting further says nothing more. */
const ENOUGH = 100_000;

/**
 * Rows whose `flow_run_id` and the like name a row that isn't there, where no foreign key forbids it. Prefect lets logs
 * and artifacts outlive their runs, so this is for those who wonder what takes the space.
 */
export async function checkReferences(connection: MigrationConnection, catalog: Catalog): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { table, column, target } of softReferences(catalog)) {
    const [row] = await connection.query<{ n: number | string }>(sql`
      select count(*) as n from (
        select 1 from ${sql.identifier(table)} a where a.${sql.identifier(column)} is not null and not exists (
          select 1 from ${sql.identifier(target)} b where b.id = a.${sql.identifier(column)}) limit ${sql.raw(String(ENOUGH))}) found`);
    const count = Number(row!.n);
    if (count === 0) continue;
    const rows = count === 1 ? '1 row names' : `${count}${count === ENOUGH ? ' or more' : ''} rows name`;
    findings.push(
      finding({
        ...{ code: 'reference.orphaned', severity: 'notice', object: `column ${column} of ${table}` },
        problem: `${rows} no row of ${target}, which no key forbids`,
        advice: 'leave them, or delete them once nobody looks at them any more',
      }),
    );
  }
  return findings;
}

interface SoftReference {
  readonly table: string;
  readonly column: string;
  readonly target: string;
}

function softReferences({ tables }: Catalog): SoftReference[] {
  return Object.entries(tables).flatMap(([table, { columns, foreignKeys }]) => {
    if (isBookKeeping(table)) return [];
    const held = new Set(foreignKeys.flatMap((key) => key.columns));
    return columns.flatMap(({ name, type }) => {
      const target = /^(\w+)_id$/.exec(name)?.[1] ?? '';
      const id = tables[target]?.columns.find((column) => column.name === 'id');
      return !held.has(name) && id?.type === type ? [{ table, column: name, target }] : [];
    });
  });
}
