import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KindHint } from '../rows.ts';
import { twinName } from './folder-name.ts';
import type { ChainName } from './revisions.ts';

interface PgSnapshot {
  tables: Record<string, { name: string; columns: Record<string, { type: string }> }>;
  enums: Record<string, { name: string; values: string[] }>;
}

/** What the twin revision on PostgreSQL has: its types say more than SQLite's. */
export interface Twin {
  readonly enums: { readonly name: string; readonly values: string[] }[];
  /** By table, then by column. */
  readonly types: Map<string, Map<string, string>>;
}

/** What SQLite's types don't tell, from the snapshot of the twin revision on PostgreSQL; read when it is first needed. */
export function kindHints(chain: ChainName, chainFolder: string, folder: string): KindHint {
  if (chain === 'pg') return () => undefined;
  let intervals: Set<string> | undefined;
  return (table, column) => {
    intervals ??= readIntervals(join(dirname(chainFolder), 'pg'), folder);
    return intervals.has(`${table}.${column}`) ? 'interval' : undefined;
  };
}

function readIntervals(pgFolder: string, folder: string): Set<string> {
  const found = new Set<string>();
  for (const [table, columns] of readTwin(pgFolder, folder)?.types ?? [])
    for (const [column, type] of columns) if (type === 'interval') found.add(`${table}.${column}`);
  return found;
}

/** @param chainFolder SQLite's */
export const twinOf = (chainFolder: string, folder: string): Twin | null =>
  readTwin(join(dirname(chainFolder), 'pg'), folder);

function readTwin(pgFolder: string, folder: string): Twin | null {
  const file = snapshotOf(pgFolder, folder);
  if (file === null) return null;
  const { tables, enums } = JSON.parse(readFileSync(file, 'utf8')) as PgSnapshot;
  const types = new Map<string, Map<string, string>>();
  for (const { name, columns } of Object.values(tables))
    types.set(name, new Map(Object.entries(columns).map(([column, { type }]) => [column, type])));
  return { enums: Object.values(enums), types };
}

function snapshotOf(pgFolder: string, folder: string): string | null {
  if (!existsSync(pgFolder)) return null;
  const twin = readdirSync(pgFolder).find((name) => twinName(name) === twinName(folder));
  const file = twin && join(pgFolder, twin, 'snapshot.json');
  return file && existsSync(file) ? file : null;
}
