import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/migrations/catalog/catalog.ts';
import { type Revision, readChain } from '../../src/migrations/chain/revisions.ts';
import { splitAtBreakpoints } from '../../src/migrations/chain/script.ts';
import { type GenerateOptions, generateRevisions } from '../../src/migrations/generate/generate.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import { describeCatalog, isColumnOrder } from '../support/catalog-text.ts';
import { createEmptyTarget, dialect } from '../support/engine.ts';
import { name, renames, table } from './generate-scratch.ts';
import { on } from './inspect.ts';
import { type Model, modulesOf } from './model/model.ts';

const generator = dialect === 'sqlite' ? sqliteGenerator : pgGenerator;
const refers = (other: string, column = `${other}_id`, target = 'id') => ({
  [`fk_${column}`]: { columns: [column], table: other, refers: [target], onDelete: 'cascade' as const },
});

interface Case {
  readonly what: string;
  readonly from: Model;
  readonly to: Model;
  readonly more?: Partial<GenerateOptions>;
  readonly pairs: readonly string[];
}

const before: Model = {
  enums: { mood: ['sad', 'happy'] },
  tables: {
    old: table(),
    flow: table(
      { name, mood: { type: 'mood' }, old_id: name },
      { keys: refers('old'), indexes: { ix: { keys: ['name'] } } },
    ),
    run: table({ flow_id: name, note: name }, { keys: refers('flow') }),
  },
};

const cases: Case[] = [
  {
    what: 'everything at once',
    from: before,
    to: {
      enums: { mood: ['sad', 'ok', 'happy'], kind: ['a', 'b'] },
      tables: {
        made: table(
          { flow_name: name, kind: { type: 'kind', default: 'a' } },
          {
            keys: refers('workflow', 'flow_name', 'title'),
            indexes: { ix_made: { keys: ['flow_name'] } },
          },
        ),
        workflow: table(
          { title: { ...name, notNull: true, default: 'none' }, mood: { type: 'mood', default: 'ok' } },
          { uniques: { uq: ['title'] }, checks: { ck: "title <> ''" } },
        ),
        run: table(
          { flow_id: name, text: name, extra: name },
          {
            keys: refers('workflow', 'flow_id'),
            indexes: { ix_extra: { keys: ['extra', 'text DESC'] } },
          },
        ),
      },
    },
    more: {
      renames: renames('flow:workflow', 'flow.name:title', 'run.note:text'),
      drops: ['flow.old_id', 'old'],
    },
    pairs: ['values', 'main', 'online'],
  },
  {
    what: 'a column that a data step fills and another one that it empties',
    from: before,
    to: {
      ...before,
      tables: {
        ...before.tables,
        run: table({ flow_id: name, labels: { type: 'json', notNull: true } }, { keys: refers('flow') }),
      },
    },
    more: { data: true, drops: ['run.note'] },
    pairs: ['main', 'online'],
  },
  {
    what: 'an enumeration made anew, with the checks and indexes of its users',
    from: before,
    to: {
      enums: { mood: ['happy', 'sad'] },
      tables: {
        ...before.tables,
        flow: table(
          { name: { ...name, notNull: true, default: 'x' }, mood: { type: 'mood', default: 'sad' } },
          { indexes: { ix: { keys: ['name'], where: "mood = 'sad'" } } },
        ),
      },
    },
    more: { drops: ['flow.old_id'] },
    pairs: ['main'],
  },
];

describe('every pair of a change', () => {
  let target: Awaited<ReturnType<typeof createEmptyTarget>>;
  let folder: string;
  beforeAll(async () => {
    target = await createEmptyTarget();
    folder = mkdtempSync(join(tmpdir(), 'phases-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await target.dispose();
  });

  const described = (catalog: Catalog) => describeCatalog(catalog).filter((fact) => !isColumnOrder(fact));
  const facts = (revisions: readonly Pick<Revision, 'statements'>[]) =>
    on(target.target, async (connection) => described(await connection.replay(revisions as Revision[])));

  it.each(cases)(
    'leads to the schema of its snapshot and back: $what',
    async ({ what, from, to, more, pairs }) => {
      const project = join(folder, what.replaceAll(/\W+/g, '_'));
      const generate = (model: Model, options: Partial<GenerateOptions> = {}) =>
        generateRevisions({
          chains: [sqliteGenerator, pgGenerator].map((one) => ({
            generator: one,
            schema: modulesOf(model, one.chain),
            folder: join(project, one.chain),
          })),
          notesFolder: project,
          message: what,
          ...options,
        });
      await generate(from);
      const made = await generate(to, more);
      expect(made.pairs.map(({ kind }) => kind)).toEqual(pairs);

      const chain = readChain(join(project, generator.chain));
      const nothing = await generator.snapshot({});
      for (const [at, revision] of chain.entries()) {
        const snapshot = JSON.parse(
          readFileSync(join(project, generator.chain, revision.folder, 'snapshot.json'), 'utf8'),
        );
        const byChain = await facts(chain.slice(0, at + 1));
        expect(byChain).toEqual(await facts([{ statements: await generator.statements(nothing, snapshot) }]));
        if (at === 0) continue;
        const down = splitAtBreakpoints(revision.downSql);
        expect(await facts([...chain.slice(0, at + 1), { statements: down }])).toEqual(
          await facts(chain.slice(0, at)),
        );
      }
      const whole = await generator.statements(
        nothing,
        await generator.snapshot(modulesOf(to, generator.chain)),
      );
      expect(await facts(chain)).toEqual(await facts([{ statements: whole }]));
    },
  );
});
