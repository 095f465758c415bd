/** Renames as they are declared, checked against both schemas, and remembered in the snapshot that they lead to. */

import { ENGINES } from '../chain/revisions.ts';
import { MigrationError } from '../errors.ts';
import type { DialectGenerator, Rename, Snapshot } from './dialect.ts';
import { CHAINS, type SnapshotPair, tablesOf } from './snapshots.ts';

/** `flow.name:title` is a column, `flow:workflow` a table; undefined for anything else. */
export function parseRename(text: string): Rename | undefined {
  const [, table, column, to] = /^(\w+)(?:\.(\w+))?:(?:\1\.)?(\w+)$/.exec(text) ?? [];
  if (!table || !to || to === (column ?? table)) return undefined;
  return column ? { kind: 'column', table, from: column, to } : { kind: 'table', from: table, to };
}

export const renameText = (rename: Rename): string =>
  rename.kind === 'table' ? `${rename.from}:${rename.to}` : `${rename.table}.${rename.from}:${rename.to}`;

/**
 * Tables first, and columns under the new names of their tables, whichever was given.
 * @throws MigrationError if one doesn't fit the schemas
 */
export function checkedRenames(
  given: readonly Rename[],
  before: SnapshotPair,
  after: SnapshotPair,
): Rename[] {
  const tables = given.filter((rename) => rename.kind === 'table');
  const columns = given
    .filter((rename) => rename.kind === 'column')
    .map((rename) => ({ ...rename, table: newNameOf(rename.table, tables) }));
  const renames = [...new Map([...tables, ...columns].map((one) => [renameText(one), one])).values()];
  for (const rename of renames) {
    for (const chain of CHAINS) {
      const what = misfit(rename, tables, before[chain], after[chain]);
      if (!what) continue;
      throw new MigrationError(
        'chain',
        `--rename ${renameText(rename)} doesn't fit, because on ${ENGINES[chain]} ${what}: ` +
          'give the old name and the new one as the schemas of both dialects have them.',
      );
    }
  }
  return renames;
}

/** What is said to be gone, with tables under their new names. */
export function checkedDrops(drops: readonly string[], renames: readonly Rename[]): string[] {
  const tables = renames.filter(({ kind }) => kind === 'table');
  return drops.map((drop) => drop.replace(/^\w+(?=\.)/, (table) => newNameOf(table, tables)));
}

const newNameOf = (table: string, renames: readonly Rename[]): string =>
  renames.find(({ from }) => from === table)?.to ?? table;

function misfit(
  rename: Rename,
  tables: readonly Rename[],
  before: Snapshot,
  after: Snapshot,
): string | undefined {
  if (rename.kind === 'table') return misfitOf(rename, 'table', tablesOf(before), tablesOf(after));
  const oldName = tables.find(({ to }) => to === rename.table)?.from ?? rename.table;
  const [old, table] = [tablesOf(before).get(oldName), tablesOf(after).get(rename.table)];
  if (!old) return `there was no table ${oldName}`;
  if (!table) return `there is no table ${rename.table} any more`;
  const names = ({ columns }: { columns: object }) => new Map(Object.entries(columns));
  return misfitOf(rename, `column of ${rename.table}`, names(old), names(table));
}

function misfitOf(
  { from, to }: Rename,
  kind: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): string | undefined {
  if (!before.has(from)) return `${from} was no ${kind}`;
  if (after.has(from)) return `${from} is still a ${kind}`;
  if (!after.has(to)) return `${to} is no ${kind}`;
  return before.has(to) ? `${to} was a ${kind} before` : undefined;
}

export function renamePair(
  generators: Readonly<Record<'sqlite' | 'pg', DialectGenerator>>,
  pair: SnapshotPair,
  renames: readonly Rename[],
): SnapshotPair {
  if (renames.length === 0) return pair;
  return {
    sqlite: generators.sqlite.rename(pair.sqlite, renames).snapshot,
    pg: generators.pg.rename(pair.pg, renames).snapshot,
  };
}

/** What leads back, in the order in which it must be done. */
export function inverse(renames: readonly Rename[]): Rename[] {
  return renames.toReversed().map((rename) => ({ ...rename, from: rename.to, to: rename.from }));
}

interface Meta {
  readonly tables: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, string>>;
}

/** Where drizzle-kit, too, keeps what it was told of renames. */
export function withRenames(snapshot: Snapshot, renames: readonly Rename[]): Snapshot {
  const quoted = (...names: string[]) => names.map((name) => `"${name}"`).join('.');
  const tables = renames.flatMap((one) =>
    one.kind === 'table' ? [[quoted(one.from), quoted(one.to)] as const] : [],
  );
  const columns = renames.flatMap((one) =>
    one.kind === 'column' ? [[quoted(one.table, one.from), quoted(one.table, one.to)] as const] : [],
  );
  const { _meta } = snapshot as Snapshot & { _meta?: Meta };
  const meta = { ..._meta, tables: Object.fromEntries(tables), columns: Object.fromEntries(columns) };
  return { ...snapshot, _meta: meta } as Snapshot;
}

export function renamesIn(snapshot: Snapshot): Rename[] {
  const { _meta } = snapshot as Snapshot & { _meta?: Partial<Meta> };
  const names = (text: string) => text.slice(1, -1).split('"."');
  const tables = Object.entries(_meta?.tables ?? {}).map(
    ([from, to]): Rename => ({ kind: 'table', from: names(from).at(-1)!, to: names(to).at(-1)! }),
  );
  const columns = Object.entries(_meta?.columns ?? {}).map(([from, to]): Rename => {
    const [table, column] = names(from).slice(-2);
    return { kind: 'column', table: table!, from: column!, to: names(to).at(-1)! };
  });
  return [...tables, ...columns];
}
