import { sql } from 'drizzle-orm';
import type { Catalog } from '../../catalog/catalog.ts';
import { twinOf } from '../../chain/kind-hints.ts';
import { readChain } from '../../chain/revisions.ts';
import type { MigrationConnection } from '../../connection.ts';
import { KEYS_TOLD, type Problem } from '../../copy/problems.ts';
import { pgKind } from '../../pg/values.ts';
import { quote } from '../../quotes.ts';
import { type Check, checksForPg } from './checks.ts';

const PAGE = 500;

interface Found {
  rows: number;
  readonly keys: string[];
}

/** In the order of the file, since a table by its key is read all over it; only rows that have something leave SQLite. */
export async function findProblems(
  source: MigrationConnection,
  { name: table, key }: { readonly name: string; readonly key: string },
  checks: readonly Check[],
): Promise<Problem[]> {
  if (checks.length === 0) return [];
  const found = new Map<Check, Found>();
  const columns = checks.flatMap(({ sql: condition, column, confirm }, i) => [
    `(${condition}) as is${i}`,
    ...(confirm ? [`case when ${condition} then cast(${quote(column)} as text) end as value${i}`] : []),
  ]);
  const any = conditionOf(checks);
  for (let after: number | undefined; ; ) {
    const beyond = after === undefined ? sql`` : sql` and rowid > ${after}`;
    const rows = await source.query<Record<string, string | number | null>>(
      sql`select rowid as after, cast(${sql.identifier(key)} as text) as key, ${sql.raw(columns.join(', '))} from ${sql.identifier(table)}
        where (${sql.raw(any)})${beyond} order by rowid limit ${PAGE}`,
    );
    for (const row of rows) note(found, checks, row);
    if (rows.length < PAGE) break;
    after = Number(rows.at(-1)!['after']);
  }
  return [...found].map(([{ column, what, replaceable = false, onlyPg = false }, { rows, keys }]) => ({
    ...{ table, column, key, what, rows, keys, replaceable, onlyPg },
  }));
}

/** One look at all texts of a row costs as much as two conditions. */
function conditionOf(checks: readonly Check[]): string {
  const texts = [...new Set(checks.filter(({ isText }) => isText).map(({ column }) => quote(column)))];
  const others = checks.filter(({ isText }) => !isText).map(({ sql: condition }) => `(${condition})`);
  return [...(texts.length > 0 ? [`has_odd_text(${texts.join(', ')})`] : []), ...others].join(' or ');
}

function note(
  found: Map<Check, Found>,
  checks: readonly Check[],
  row: Record<string, string | number | null>,
): void {
  checks.forEach((check, i) => {
    if (!row[`is${i}`] || check.confirm?.(String(row[`value${i}`])) === false) return;
    const one = found.get(check) ?? { rows: 0, keys: [] };
    found.set(check, one);
    if (++one.rows <= KEYS_TOLD) one.keys.push(String(row['key']));
  });
}

/** In all tables that the chain makes. */
export async function sqliteProblems(
  connection: MigrationConnection,
  { tables }: Catalog,
  chainFolder: string,
): Promise<Problem[]> {
  const twin = twinOf(chainFolder, readChain(chainFolder).at(-1)?.folder ?? '');
  const problems: Problem[] = [];
  for (const [name, { columns, primaryKey, options }] of Object.entries(tables)) {
    const types = twin?.types.get(name);
    const [key] = primaryKey?.columns ?? [];
    if (!types || key === undefined || options.includes('without rowid')) continue;
    const checked = columns.flatMap((column) => {
      const type = types.get(column.name);
      return type === undefined || column.generated ? [] : [{ name: column.name, type, kind: pgKind(type) }];
    });
    problems.push(...(await findProblems(connection, { name, key }, checksForPg(checked, twin!.enums))));
  }
  return problems;
}
