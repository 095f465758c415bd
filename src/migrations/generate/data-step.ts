import { type SnapshotPair, tablesOf } from './snapshots.ts';

/** What the name and the columns in a new data step stand for: something real, so that it compiles and runs. */
interface Example {
  readonly table: string;
  readonly key: string;
  readonly column: string | undefined;
}

/** The text of a new data step. It chooses no row until somebody says which. */
export function dataStepText(message: string, before: SnapshotPair, after: SnapshotPair): string {
  const { table, key, column } = exampleOf(before, after);
  return `/**
 * ${message.trim().replaceAll(/\s+/g, ' ').replaceAll('*/', '* /')}
 *
 * Runs on both engines, after the statements of its revision (and on the way down before them). Rows come by \`key\` in
 * ascending order, \`batchSize\` at a time; each batch is a transaction, and a run that broke off goes on after the last
 * one. Values are alike on both engines: uuids in lower case, timestamps as on the wire, JSON as text, intervals in
 * seconds, bytes as Uint8Array. This file imports nothing. Without \`down\` the revision can't be undone: write one,
 * though it be empty, and run npm run generate -- --amend.
 */

type Row = Record<string, unknown>;

interface Database {
  /** Each row with the key and the columns that change. */
  update(table: string, rows: Row[]): Promise<void>;
  insert(table: string, rows: Row[]): Promise<void>;
  delete(table: string, keys: unknown[]): Promise<void>;
  query(text: string, params?: unknown[]): Promise<Row[]>;
}

export default {
  table: ${text(table)},
  key: ${text(key)},
  // What \`up\` is given of a row beside its key.
  columns: [],
  // SQL that both engines understand: the rows that are still to be done.
  where: '1 = 0',
  async up(rows: Row[], db: Database): Promise<void> {
    await db.update(
      ${text(table)},
      rows.map((row) => ({ ${member(key)}: row[${text(key)}]${column ? `, ${member(column)}: null` : ''} })),
    );
  },
};
`;
}

const text = (name: string): string => `'${name.replaceAll(/[\\']/g, '\\$&')}'`;
const member = (name: string): string => (/^[a-z_$][\w$]*$/i.test(name) ? name : text(name));

/** A column that comes, if there is one. */
function exampleOf(before: SnapshotPair, after: SnapshotPair): Example {
  const [old, now] = [tablesOf(before.pg), tablesOf(after.pg)];
  const keyOf = (table: string) => {
    const { columns, compositePrimaryKeys } = now.get(table)!;
    const key = Object.values(compositePrimaryKeys).find(({ columns: names }) => names.length === 1);
    const flagged = Object.values(columns).find(({ primaryKey }) => primaryKey);
    return key?.columns[0] ?? flagged?.name ?? 'id';
  };
  for (const [name, table] of now) {
    const added = Object.keys(table.columns).find(
      (column) => old.has(name) && !old.get(name)!.columns[column],
    );
    if (added) return { table: name, key: keyOf(name), column: added };
  }
  const table = [...now.keys()].find((name) => old.has(name)) ?? [...now.keys()][0] ?? 'flow';
  const key = now.has(table) ? keyOf(table) : 'id';
  const column = Object.keys(now.get(table)?.columns ?? {}).find((name) => name !== key);
  return { table, key, column };
}

/** Whether a data step says how it is undone. */
export function hasDown(text: string): boolean {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return /^ {2}(?:async )?down\s*[(:]/m.test(code);
}
