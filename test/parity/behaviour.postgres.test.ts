import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chainFolder } from '../../src/migrations/chain/revisions.ts';
import { rows } from '../migrations/inspect.ts';
import { A, B, type ScratchRevision, writeChain } from '../migrations/scratch-chain.ts';
import { createEmptyTarget, type EmptyTarget, runFolder, uniqueName } from '../support/engine.ts';
import { compareBehaviour, type Sides } from './behaviour.ts';
import { readPairs } from './declared.ts';

let sqlite: EmptyTarget;
let pg: EmptyTarget;
beforeEach(async () => {
  sqlite = await createEmptyTarget('sqlite');
  pg = await createEmptyTarget('postgres');
});
afterEach(async () => {
  await sqlite.dispose();
  await pg.dispose();
});

const sides = (folders: { sqlite: string; pg: string }): Sides => ({
  sqlite: { target: sqlite.target, folder: folders.sqlite },
  pg: { target: pg.target, folder: folders.pg },
});

test('every pair of revisions makes the same rows of the same rows', async () => {
  const folders = { sqlite: chainFolder('sqlite'), pg: chainFolder('pg') };
  const pairs = readPairs(folders);
  for (const [at, pair] of pairs.entries()) {
    const before = pairs[at - 1] ?? null;
    expect([pair.pg.slug, await compareBehaviour(sides(folders), before, pair)]).toEqual([pair.pg.slug, []]);
  }
});

describe('a data step', () => {
  const HEAD = {
    id: A,
    slug: 'runs',
    down: '-- Down: lossy (all tables)\n\ndrop table run;\n--> statement-breakpoint\ndrop table tag;\n',
  };
  const TABLES = {
    sqlite: [
      'create table run (id CHAR(36) not null, name VARCHAR, started DATETIME, took DATETIME, ok BOOLEAN, score FLOAT, big BIGINT, data JSON, mood VARCHAR(4), constraint pk_run primary key (id))',
      'create table tag (id CHAR(36) not null, run_id CHAR(36) not null, label VARCHAR, at DATETIME, constraint pk_tag primary key (id), constraint fk_tag__run foreign key (run_id) references run (id) on delete cascade)',
    ],
    pg: [
      `create type mood as enum ('sad', 'glad')`,
      'create table run (id uuid not null, name varchar, started timestamptz, took interval, ok boolean, score double precision, big bigint, data jsonb, mood mood, constraint pk_run primary key (id))',
      'create table tag (id uuid not null, run_id uuid not null, label varchar, at timestamptz, constraint pk_tag primary key (id), constraint fk_tag__run foreign key (run_id) references run (id) on delete cascade)',
    ],
  };

  /** Both chains, whose second pair adds a column and runs the step. */
  function writeChains(step: string) {
    const folder = join(runFolder(), uniqueName('chains'));
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(join(folder, 'data', '2026_01_02_000000_move.ts'), step);
    const second: ScratchRevision = {
      ...{ id: B, slug: 'move', header: '-- Data: 2026_01_02_000000_move' },
      up: ['alter table run add column took_seconds FLOAT'],
      down: '-- Down: lossy (run.took_seconds)\n\nalter table run drop column took_seconds;\n',
    };
    const write = (chain: 'sqlite' | 'pg') =>
      writeChain(
        [
          {
            ...HEAD,
            up: TABLES[chain],
            down: HEAD.down + (chain === 'pg' ? '--> statement-breakpoint\ndrop type mood;\n' : ''),
          },
          second,
        ],
        join(folder, chain),
      );
    const folders = { sqlite: write('sqlite'), pg: write('pg') };
    const snapshot = {
      enums: {},
      tables: { 'public.run': { name: 'run', columns: { took: { type: 'interval' } } } },
    };
    for (const pair of readPairs(folders))
      writeFileSync(join(folders.pg, pair.pg.folder, 'snapshot.json'), JSON.stringify(snapshot));
    return folders;
  }

  /** Moves what a row holds into another table, reads along the way, and takes it back. */
  const MOVE = `export default {
    table: 'run',
    columns: ['name', 'started', 'took', 'ok', 'score', 'big', 'data', 'mood'],
    batchSize: 3,
    async up(rows, db) {
      await db.insert('tag', rows.map((row) => ({ id: row.id.replace(/^.{8}/, 'ffffffff'), run_id: row.id, label: row.name, at: row.started })));
      const [{ n }] = await db.query('select count(*) as n from run where id = ?', [rows[0].id]);
      await db.update('run', rows.map((row) => ({
        id: row.id,
        name: row.name === null ? null : row.name.toUpperCase() + '/' + n,
        took_seconds: row.took,
        ok: row.ok === null ? true : !row.ok,
        data: JSON.stringify({ was: JSON.parse(row.data), mood: row.mood }),
      })));
    },
    async down(rows, db) {
      await db.delete('tag', rows.map((row) => row.id.replace(/^.{8}/, 'ffffffff')));
      await db.update('run', rows.map((row) => ({ id: row.id, ok: !row.ok, score: null })));
    },
  };\n`;

  async function compare(step: string): Promise<string[]> {
    const folders = writeChains(step);
    const [first, second] = readPairs(folders);
    return compareBehaviour(sides(folders), first!, second!);
  }

  test('does the same on both engines, up and down', async () => {
    expect(await compare(MOVE)).toEqual([]);
    // It really ran, both ways: what it took away on the way down is gone.
    for (const { target } of [sqlite, pg]) {
      const found = await rows(target, 'select count(*) as n from run where score is not null');
      expect(Number(found[0]!['n'])).toBe(0);
      expect(await rows(target, "select id from tag where cast(id as varchar(36)) like 'ffffffff%'")).toEqual(
        [],
      );
    }
  });

  test('that leaves rounding to the engine is found out', async () => {
    const rounds = MOVE.replace('count(*) as n from run', 'cast(1.5 as integer) as n from run');
    const problems = await compare(rounds);
    expect(problems).toContain('up: run.name: "0NAME/1", then "0NAME/2"');
    expect(problems.every((problem) => /^(up|down): run\.name: /.test(problem))).toBe(true);
  });
});
