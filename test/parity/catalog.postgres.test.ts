import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Catalog } from '../../src/migrations/catalog/catalog.ts';
import { chainFolder } from '../../src/migrations/chain/revisions.ts';
import { judge } from '../../src/migrations/check/declared.ts';
import type { MigrationConnection } from '../../src/migrations/connection.ts';
import { readNotes } from '../../src/migrations/repository/notes.ts';
import { connect } from '../migrations/inspect.ts';
import { createEmptyTarget, type EmptyTarget } from '../support/engine.ts';
import { readPairs } from './declared.ts';
import { mutations } from './mutations.ts';
import { differencesOf } from './neutral.ts';

const pairs = readPairs();
const notes = readNotes(join(chainFolder('pg'), '..'));

let places: EmptyTarget[];
let sqlite: MigrationConnection;
let pg: MigrationConnection;
beforeEach(async () => {
  places = [await createEmptyTarget('sqlite'), await createEmptyTarget('postgres')];
  sqlite = await connect(places[0]!.target);
  pg = await connect(places[1]!.target);
});
afterEach(async () => {
  await sqlite.close();
  await pg.close();
  for (const place of places) await place.dispose();
});

async function apply(pair: (typeof pairs)[number]): Promise<void> {
  for (const statement of pair.sqlite.statements) await sqlite.run(statement);
  for (const statement of pair.pg.statements) await pg.run(statement);
}

const catalogs = async () => ({ sqlite: await sqlite.catalog(), pg: await pg.catalog() });

describe('the two databases', () => {
  test('are the same at every revision, but for what its notes declare', async () => {
    const verdicts: object[] = [];
    let before: string[] = [];
    for (const pair of pairs) {
      await apply(pair);
      const now = differencesOf(await catalogs());
      const entry = notes.entries.find(({ ids }) => ids.sqlite === pair.sqlite.id);
      expect(entry?.ids).toEqual({ sqlite: pair.sqlite.id, pg: pair.pg.id });
      verdicts.push({ revision: pair.pg.slug, ...judge(before, now, entry!.differs) });
      before = now;
    }
    expect(verdicts).toEqual(
      pairs.map(({ pg: { slug } }) => ({ revision: slug, unexplained: [], unneeded: [] })),
    );
    const { sqlite: one, pg: other } = await catalogs();
    expect(countOf(one)).toEqual(countOf(other));
    expect(countOf(one)).toBeGreaterThan(30);
  });
});

const countOf = (catalog: Catalog): number => Object.keys(catalog.tables).length;

describe('a change of one of them alone is seen:', () => {
  beforeEach(async () => {
    for (const pair of pairs) await apply(pair);
  });

  test('every mutation', { timeout: 120_000 }, async () => {
    const untouched = await catalogs();
    const clean = differencesOf(untouched);
    for (const mutation of mutations) {
      for (const connection of [sqlite, pg]) {
        const { chain } = connection;
        const change = mutation[chain];
        // What an engine can't have, the other one can't miss.
        if (!change || mutation.unseenByParity) continue;
        const look = async () => differencesOf({ ...untouched, [chain]: await connection.catalog() });
        await change.make(connection);
        const { unexplained } = judge(clean, await look(), []);
        expect([mutation.what, chain, unexplained.join('\n')]).toEqual([
          mutation.what,
          chain,
          expect.stringMatching(mutation.fact),
        ]);
        await change.undo(connection);
        expect(await look()).toEqual(clean);
      }
    }
  });
});

test('a declaration that fits nothing is reported, and so is a difference that fits none', () => {
  const declared = [
    { pattern: 'SQLite: *: index ix_*', reason: '' },
    { pattern: 'Postgres: view *', reason: '' },
  ];
  const now = ['SQLite: flow: index ix_flow (a)', 'SQLite: flow: index uq (a)', 'Postgres: old'];
  expect(judge(['Postgres: old'], now, declared)).toEqual({
    unexplained: ['SQLite: flow: index uq (a)'],
    unneeded: ['Postgres: view *'],
  });
});
