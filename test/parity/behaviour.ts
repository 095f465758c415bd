import { canonical } from '../../src/migrations/catalog/canonical.ts';
import type { Catalog } from '../../src/migrations/catalog/catalog.ts';
import { kindHints } from '../../src/migrations/chain/kind-hints.ts';
import type { ChainName, Revision } from '../../src/migrations/chain/revisions.ts';
import { pgKind } from '../../src/migrations/pg/values.ts';
import type { KindHint } from '../../src/migrations/rows.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { Canonical, CanonicalRow } from '../../src/migrations/values.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { on } from '../migrations/inspect.ts';
import type { Pair } from './declared.ts';
import { differencesOfRows, insertRows, readRows } from './rows.ts';
import { type Rows, seedRows } from './seed.ts';
import { emptyTables } from './stairway.ts';
import { COMPUTED_DEFAULTS } from './types.ts';

export interface Side {
  readonly target: DatabaseTarget;
  /** The chain, as a folder. */
  readonly folder: string;
}

export type Sides = Record<ChainName, Side>;

const CHAINS: readonly ChainName[] = ['sqlite', 'pg'];
const reporter = { line: () => {} };

/**
 * Takes the same rows through a pair of revisions, its data step included, on both engines, up and down again. Gives what
 * is not the same, a line a value: SQLite's first.
 */
export async function compareBehaviour(sides: Sides, before: Pair | null, pair: Pair): Promise<string[]> {
  const problems: string[] = [];
  const compare = async (when: string, at: Pair | null, unlike: ReadonlySet<string>) => {
    const [sqlite, pg] = [await rowsAt(sides, 'sqlite', at, unlike), await rowsAt(sides, 'pg', at, unlike)];
    problems.push(...differencesOfRows(sqlite, pg).map((line) => `${when}: ${line}`));
  };
  if (before) await both((chain) => up(sides[chain], before[chain]));
  const old = await catalogOf(sides.pg);
  await seed(
    sides,
    before,
    seedRows(old, (_table, { type }) => pgKind(type)),
  );
  await compare('before', before, new Set());
  await both((chain) => up(sides[chain], pair[chain]));
  await compare('up', pair, computedColumns(old, await catalogOf(sides.pg)));
  if (CHAINS.some((chain) => pair[chain].label === 'irreversible')) return problems;
  const now = await catalogOf(sides.pg);
  await both((chain) => down(sides[chain], before?.[chain] ?? null));
  await compare('down', before, computedColumns(now, await catalogOf(sides.pg)));
  return problems;
}

const both = async (work: (chain: ChainName) => Promise<unknown>): Promise<void> => {
  for (const chain of CHAINS) await work(chain);
};

const up = ({ target, folder }: Side, { id }: Revision) =>
  upgrade(target, { folder, to: id, reporter, backup: false });

const down = ({ target, folder }: Side, before: Revision | null) =>
  downgrade(target, { folder, to: before?.id ?? 'base', acceptDataLoss: true, reporter });

const catalogOf = ({ target }: Side): Promise<Catalog> => on(target, (connection) => connection.catalog());

const hintFor = ({ folder }: Side, chain: ChainName, at: Pair | null): KindHint =>
  kindHints(chain, folder, at?.[chain].folder ?? '');

function seed(sides: Sides, at: Pair | null, rows: Rows): Promise<void> {
  return both((chain) =>
    on(sides[chain].target, async (connection) => {
      await emptyTables(connection);
      await insertRows(connection, rows, hintFor(sides[chain], chain, at));
    }),
  );
}

function rowsAt(sides: Sides, chain: ChainName, at: Pair | null, unlike: ReadonlySet<string>): Promise<Rows> {
  return on(sides[chain].target, async (connection) => {
    const hint = hintFor(sides[chain], chain, at);
    const columns = connection.rows(hint);
    const rows = await readRows(connection, hint);
    for (const [table, list] of Object.entries(rows)) {
      const kinds = new Map((await columns.columns(table)).map(({ name, codec }) => [name, codec.kind]));
      rows[table] = list.map((row) =>
        comparable(table, row, (column) => kinds.get(column) === 'json', unlike),
      );
    }
    return rows;
  });
}

function comparable(
  table: string,
  row: CanonicalRow,
  isJson: (column: string) => boolean,
  unlike: ReadonlySet<string>,
): CanonicalRow {
  const values = Object.entries(row)
    .filter(([column]) => !unlike.has(`${table}.${column}`))
    .map(([column, value]) => [column, isJson(column) ? sortedJson(value) : value] as const);
  return Object.fromEntries(values);
}

/** PostgreSQL orders the members of an object and writes characters as themselves. */
function sortedJson(value: Canonical): Canonical {
  if (typeof value !== 'string') return value;
  const sorted = (_key: string, part: unknown): unknown =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(JSON.parse(value), sorted);
}

/** Columns that have just come, whose default is another one for each row and each run. */
function computedColumns(before: Catalog, after: Catalog): Set<string> {
  const found = new Set<string>();
  for (const [table, { columns }] of Object.entries(after.tables)) {
    const known = new Set(before.tables[table]?.columns.map(({ name }) => name));
    for (const { name, default: value } of columns) {
      const isComputed =
        value !== null && COMPUTED_DEFAULTS.some(([pattern]) => pattern.test(canonical(value)));
      if (isComputed && !known.has(name)) found.add(`${table}.${name}`);
    }
  }
  return found;
}
