import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KindHint } from '../rows.ts';
import { twinName } from './folder-name.ts';
import type { ChainName } from './revisions.ts';

interface PgSnapshot {
  tables: Record<string, { name: string; columns: Record<string, { type: string }> }>;
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
  const file = snapshotOf(pgFolder, folder);
  if (file === null) return found;
  const { tables } = JSON.parse(readFileSync(file, 'utf8')) as PgSnapshot;
  for (const { name: table, columns } of Object.values(tables))
    for (const [column, { type }] of Object.entries(columns))
      if (type === 'interval') found.add(`${table}.${column}`);
  return found;
}

function snapshotOf(pgFolder: string, folder: string): string | null {
  if (!existsSync(pgFolder)) return null;
  const twin = readdirSync(pgFolder).find((name) => twinName(name) === twinName(folder));
  const file = twin && join(pgFolder, twin, 'snapshot.json');
  return file && existsSync(file) ? file : null;
}
