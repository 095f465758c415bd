import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MigrationError } from '../../src/migrations/errors.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { type History, startHistory } from './model/history.ts';
import { addTable, type Edit, edited, KINDS } from './model/random-edits.ts';
import { carried, expectedRows, grown, insertStatements, type Rows, shownRow } from './model/random-rows.ts';
import { LABELS, modelOf, renamesBetween, type Schema } from './model/random-schema.ts';

/** `PROPERTY_RUNS=10000 PROPERTY_SEED=42 npx vitest run --project sqlite test/migrations/property.test.ts` */
const runs = Number(process.env['PROPERTY_RUNS'] ?? (dialect === 'sqlite' ? 300 : 60));
const seed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 31);

/** Of all cases on PostgreSQL; on SQLite each has a file. */
let database: EmptyTarget | undefined;
beforeAll(async () => {
  if (dialect === 'postgres') database = await createEmptyTarget();
});
afterAll(() => database?.dispose());

interface Script {
  readonly start: readonly Edit[];
  readonly revisions: readonly (readonly Edit[])[];
  readonly seed: number;
}

interface State {
  readonly schema: Schema;
  readonly rows: Rows;
  readonly facts: string[];
}

const number = fc.nat({ max: 59 });
const edit = fc.record({ kind: fc.nat({ max: KINDS - 1 }), a: number, b: number, c: number });
const script: fc.Arbitrary<Script> = fc.record({
  start: fc.array(edit, { minLength: 6, maxLength: 12 }),
  revisions: fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 3 }),
  seed: fc.nat({ max: 2 ** 31 }),
});

const none: Edit = { kind: 0, a: 0, b: 0, c: 0 };
const empty = [1, 2].reduce((schema) => addTable(schema, none), {
  tables: [],
  labels: LABELS,
  next: 1,
} as Schema);

async function expectRows(history: History, schema: Schema, rows: Rows): Promise<void> {
  for (const table of schema.tables) {
    const names = table.columns.map(({ name }) => `"${name}"`).join(', ');
    const found = await history.rows(`select ${names} from "${table.name}"`);
    const shown = found.map((row) => shownRow(table, row));
    shown.sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1));
    expect(shown, table.name).toEqual(expectedRows(table, rows));
  }
}

/** Goes up by one revision, compares, and adds rows. */
async function climb(history: History, from: State, schema: Schema, rowSeed: number): Promise<State> {
  const model = modelOf(schema);
  await history.generate(model, renamesBetween(from.schema, schema));
  await history.up();
  const facts = await history.facts();
  expect(facts).toEqual(await history.built(model));
  await history.hold(model);
  const rows = carried(from.schema, schema, from.rows);
  await expectRows(history, schema, rows);
  const more = grown(schema, rows, rowSeed);
  await history.run(...insertStatements(schema, more.added));
  return { schema, rows: more.rows, facts };
}

/** A column that needs a value and comes back without one. */
function isIrreversible(from: Schema, to: Schema): boolean {
  return to.tables.some((table) => {
    const now = from.tables.find(({ uid }) => uid === table.uid);
    return table.columns.some(
      ({ uid, notNull, default: value }) =>
        now && notNull && value === undefined && !now.columns.some((column) => column.uid === uid),
    );
  });
}

/** Goes down from the last state to the one before it; gives its rows, or null when the runner refuses. */
async function descend(history: History, from: State, rows: Rows, to: State): Promise<Rows | null> {
  try {
    await history.down();
  } catch (error) {
    const isRefused = error instanceof MigrationError && error.kind === 'irreversible';
    if (isRefused && isIrreversible(from.schema, to.schema)) return null;
    throw error;
  }
  expect(await history.facts()).toEqual(to.facts);
  const left = carried(from.schema, to.schema, rows);
  await expectRows(history, to.schema, left);
  return left;
}

async function play({ start, revisions, seed: rowSeed }: Script): Promise<void> {
  const history = await startHistory(database?.target as PostgresTarget | undefined);
  try {
    const states: State[] = [
      await climb(
        history,
        { schema: { ...empty, tables: [] }, rows: {}, facts: [] },
        edited(empty, start),
        rowSeed,
      ),
    ];
    for (const [index, edits] of revisions.entries()) {
      const last = states.at(-1)!;
      states.push(await climb(history, last, edited(last.schema, edits), rowSeed + index + 1));
    }
    let rows: Rows | null = states.at(-1)!.rows;
    for (let at = states.length - 1; at > 0 && rows; at--) {
      rows = await descend(history, states[at]!, rows, states[at - 1]!);
    }
    await history.up();
    expect(await history.facts()).toEqual(states.at(-1)!.facts);
  } finally {
    await history.dispose();
  }
}

describe('a schema that changes at random', () => {
  it(`keeps catalog and rows as they must be, up and down (${runs} times, seed ${seed})`, async () => {
    await fc.assert(fc.asyncProperty(script, play), { numRuns: runs, seed, endOnFailure: runs > 1000 });
  }, 3_600_000);
});
