import { afterEach, expect } from 'vitest';
import { kindHints } from '../../src/migrations/chain/kind-hints.ts';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { pgKind } from '../../src/migrations/pg/values.ts';
import type { KindHint } from '../../src/migrations/rows.ts';
import type { Canonical } from '../../src/migrations/values.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { differencesOfRows, insertRows, readRows } from '../parity/rows.ts';
import { type Rows, seedRows } from '../parity/seed.ts';
import { createMigratedTarget } from '../support/database.ts';
import { createEmptyTarget, type EmptyTarget, type EngineName } from '../support/engine.ts';
import { on, tables } from './inspect.ts';

export const reporter = { line: (): void => {} };

export const WAYS: [EngineName, EngineName][] = [
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
];

/** Makes databases that are gone after each test. */
export function databasesOfTest() {
  const made: EmptyTarget[] = [];
  const keep = async (one: Promise<EmptyTarget>): Promise<DatabaseTarget> => {
    made.push(await one);
    return made.at(-1)!.target;
  };
  afterEach(async () => {
    for (const one of made.splice(0)) await one.dispose();
  });
  return {
    empty: (engine: EngineName) => keep(createEmptyTarget(engine)),
    migrated: (engine: EngineName) => keep(createMigratedTarget(engine)),
    filled: (engine: EngineName) => keep(createFilled(engine)),
  };
}

const hintFor = (target: DatabaseTarget): KindHint => {
  const chain = target.backend === 'sqlite' ? 'sqlite' : 'pg';
  const folder = chainFolder(chain);
  return kindHints(chain, folder, readChain(folder).at(-1)!.folder);
};

/** A database at the head with rows in every table, odd ones among them, which refer to each other in circles. */
async function createFilled(engine: EngineName): Promise<EmptyTarget> {
  const filled = await createMigratedTarget(engine);
  const { target } = filled;
  const seeded = await rowsToSeed();
  await on(target, (connection) => insertRows(connection, seeded, hintFor(target)));
  return filled;
}

let seeds: Promise<Rows> | undefined;

/** Of PostgreSQL's catalog, since SQLite's doesn't tell which values an enumeration has. */
function rowsToSeed(): Promise<Rows> {
  seeds ??= createMigratedTarget('postgres').then(async ({ target, dispose }) => {
    const catalog = await on(target, (connection) => connection.catalog());
    await dispose();
    return seedRows(catalog, (_table, { type }) => pgKind(type));
  });
  return seeds;
}

export const rowsIn = (target: DatabaseTarget): Promise<Rows> =>
  on(target, async (connection) => {
    const hint = hintFor(target);
    const rows = await readRows(connection, hint);
    for (const [table, list] of Object.entries(rows)) {
      const columns = await connection.rows(hint).columns(table);
      const documents = columns.filter(({ codec }) => codec.kind === 'json').map(({ name }) => name);
      rows[table] = list.map((row) => ({
        ...row,
        ...Object.fromEntries(documents.map((name) => [name, sorted(row[name]!)])),
      }));
    }
    return rows;
  });

export const copiedTables = async (): Promise<number> => Object.keys(await rowsToSeed()).length;

/** The same rows are in both, and the doctor has nothing against the copy. */
export async function expectWhole(from: DatabaseTarget, to: DatabaseTarget): Promise<void> {
  expect(await differences(from, to)).toEqual([]);
  const { findings } = await diagnose(to, { deep: true });
  expect(findings.filter(({ severity }) => severity !== 'notice')).toEqual([]);
  expect(await tables(to)).not.toContain('_copy');
}

/** What differs between two databases, read by other code than the copy's own. */
export async function differences(one: DatabaseTarget, other: DatabaseTarget): Promise<string[]> {
  return differencesOfRows(await rowsIn(one), await rowsIn(other));
}

/** PostgreSQL orders the members of an object and writes characters as themselves. */
function sorted(value: Canonical): Canonical {
  if (typeof value !== 'string') return value;
  const members = (_key: string, part: unknown): unknown =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(JSON.parse(value), members);
}
