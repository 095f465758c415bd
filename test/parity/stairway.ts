import { isBookKeeping } from '../../src/migrations/catalog/book-keeping.ts';
import { kindHints } from '../../src/migrations/chain/kind-hints.ts';
import type { Revision } from '../../src/migrations/chain/revisions.ts';
import { readDownScript } from '../../src/migrations/chain/script.ts';
import type { MigrationConnection } from '../../src/migrations/connection.ts';
import type { KindHint } from '../../src/migrations/rows.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { on } from '../migrations/inspect.ts';
import { describeCatalog, isColumnOrder } from '../support/catalog-text.ts';
import { differencesOfRows, insertRows, kindsOf, readRows, without } from './rows.ts';
import { type Rows, seedRows } from './seed.ts';

export interface Flight {
  readonly target: DatabaseTarget;
  /** The chain, as a folder. */
  readonly folder: string;
  readonly before: Revision | null;
  readonly revision: Revision;
}

const reporter = { line: () => {} };

/**
 * Climbs one revision with rows in every table: up, down, up from rows of before it, and down and up with rows of after
 * it, so that also what it has brought is filled. Gives what went wrong, a line each.
 */
export async function climb(flight: Flight): Promise<string[]> {
  const { revision } = flight;
  const { detail } = readDownScript(revision.downSql, (what) => new Error(what));
  const losses = new Set(revision.label === 'lossy' ? detail.split(', ') : []);
  const problems: string[] = [];
  const compare = (when: string, one: Station, other: Station) => {
    problems.push(...factsThatDiffer(one.facts, other.facts).map((fact) => `${when}: ${fact}`));
    const rows = differencesOfRows(without(one.rows, losses), without(other.rows, losses));
    problems.push(...rows.map((row) => `${when}: ${row}`));
  };
  await to(flight, flight.before);
  const below = await stand(flight, flight.before, (rows) => rows);
  const above = await up(flight);
  compare('down', below, await down(flight));
  compare('up again', above, await up(flight));
  await on(flight.target, emptyTables);
  const filled = await stand(flight, revision, (rows) => withWayBack(rows, above.rows, below.rows, losses));
  await down(flight);
  compare('down and up with new rows', filled, await up(flight));
  return problems;
}

/** A database at one moment. */
export interface Station {
  readonly facts: string[];
  readonly rows: Rows;
}

const hintAt = ({ folder }: Flight, chain: 'sqlite' | 'pg', revision: Revision | null): KindHint =>
  kindHints(chain, folder, revision?.folder ?? '');

/**
 * New rows with values of before the revision where a column stays and may lose some: what only its new type or its new
 * labels can hold has no way back, and the runner refuses to take it there.
 */
function withWayBack(rows: Rows, above: Rows, below: Rows, losses: ReadonlySet<string>): Rows {
  const hadBefore = (table: string, column: string) => below[table]?.some((row) => column in row) ?? false;
  const entries = Object.entries(rows).map(([table, list]) => {
    const renewed = list.map((row, at) => {
      const came = above[table]?.[at];
      const kept = Object.keys(row).filter(
        (column) => came && losses.has(`${table}.${column}`) && hadBefore(table, column),
      );
      return { ...row, ...Object.fromEntries(kept.map((column) => [column, came![column]!])) };
    });
    return [table, renewed] as const;
  });
  return Object.fromEntries(entries);
}

function stand(flight: Flight, at: Revision | null, seeded?: (rows: Rows) => Rows): Promise<Station> {
  return on(flight.target, async (connection) => {
    const hint = hintAt(flight, connection.chain, at);
    const catalog = await connection.catalog();
    if (seeded) await insertRows(connection, seeded(seedRows(catalog, kindsOf(connection, hint))), hint);
    // Other programs may need the extension by the time of a downgrade.
    const facts = describeCatalog({ ...catalog, extensions: [] }).filter((fact) => !isColumnOrder(fact));
    return { facts, rows: await readRows(connection, hint) };
  });
}

async function to({ target, folder }: Flight, revision: Revision | null): Promise<void> {
  if (revision) await upgrade(target, { folder, to: revision.id, reporter, backup: false });
}

async function up(flight: Flight): Promise<Station> {
  await to(flight, flight.revision);
  return stand(flight, flight.revision);
}

async function down(flight: Flight): Promise<Station> {
  const { target, folder, before } = flight;
  await downgrade(target, { folder, to: before?.id ?? 'base', acceptDataLoss: true, reporter });
  return stand(flight, before);
}

/** Takes all rows out of the schema's tables. */
export async function emptyTables(connection: MigrationConnection): Promise<void> {
  const { tables } = await connection.catalog();
  const names = Object.keys(tables).filter((name) => !isBookKeeping(name));
  if (names.length === 0) return;
  if (connection.chain === 'pg') {
    await connection.run(`truncate ${names.map((name) => `"${name}"`).join(', ')}`);
    return;
  }
  await connection.run('pragma foreign_keys = off');
  for (const name of names) await connection.run(`delete from "${name}"`);
  await connection.run('pragma foreign_keys = on');
}

export function factsThatDiffer(one: readonly string[], other: readonly string[]): string[] {
  return [
    ...one.filter((fact) => !other.includes(fact)).map((fact) => `lost ${fact}`),
    ...other.filter((fact) => !one.includes(fact)).map((fact) => `has ${fact}`),
  ];
}
