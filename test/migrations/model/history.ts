import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { type ChainName, type Revision, readChain } from '../../../src/migrations/chain/revisions.ts';
import type { DialectGenerator, Rename, Snapshot } from '../../../src/migrations/generate/dialect.ts';
import { type GenerateOptions, generateRevisions } from '../../../src/migrations/generate/generate.ts';
import { pgGenerator } from '../../../src/migrations/pg/generate/generate.ts';
import { downgrade } from '../../../src/migrations/run/downgrade.ts';
import { upgrade } from '../../../src/migrations/run/upgrade.ts';
import { sqliteGenerator } from '../../../src/migrations/sqlite/generate/generate.ts';
import type { PostgresTarget } from '../../../src/settings/settings.ts';
import { describeCatalog, isColumnOrder } from '../../support/catalog-text.ts';
import {
  asSuperuser,
  createEmptyTarget,
  dialect,
  type EmptyTarget,
  runFolder,
  uniqueName,
} from '../../support/engine.ts';
import { connect } from '../inspect.ts';
import { type Model, modulesOf } from './model.ts';
import { factsOfCatalog, factsOfModel } from './model-facts.ts';

export const chainName: ChainName = dialect === 'sqlite' ? 'sqlite' : 'pg';
const generators: Record<ChainName, DialectGenerator> = { sqlite: sqliteGenerator, pg: pgGenerator };
const reporter = { line: () => {} };

/** A project of its own, with two chains on disk and a database of this leg's engine that follows one of them. */
export interface History {
  /** Makes the revisions that lead to the model, as `npm run generate` does; gives those of this leg's chain. */
  generate(model: Model, renames?: readonly Rename[], dataStep?: string): Promise<Revision[]>;
  up(): Promise<void>;
  /** Undoes what the last call of `generate` but `steps - 1` made. */
  down(): Promise<void>;
  /** What the database holds, the order of columns aside. */
  facts(): Promise<string[]>;
  /** Fails unless the database holds what the model says, which no planner has had a hand in. */
  hold(model: Model): Promise<void>;
  /** What a database has that was made from the model at once. */
  built(model: Model): Promise<string[]>;
  rows(statement: string): Promise<Record<string, unknown>[]>;
  run(...statements: string[]): Promise<void>;
  dispose(): Promise<void>;
}

/** In a database of its own, or (PostgreSQL) in a schema of its own in the one that is given: that takes less time. */
export async function startHistory(inside?: PostgresTarget): Promise<History> {
  const { target, dispose } = inside ? await createSchema(inside) : await createEmptyTarget();
  const project = join(runFolder(), uniqueName('project'));
  const folder = join(project, chainName);
  mkdirSync(folder, { recursive: true });
  /** Where each call of `generate` has led to. */
  const heads: string[] = ['base'];
  let last: Model = { tables: {} };
  /** Open all the time, as a reader beside an upgrade may be; on the way back SQLite wants the file alone. */
  let connection = await connect(target);
  return {
    async generate(model, renames = [], dataStep) {
      const before = readChain(folder).length;
      const chains = (['sqlite', 'pg'] as const).map((chain) => ({
        generator: generators[chain],
        schema: modulesOf(model, chain),
        folder: join(project, chain),
      }));
      const drops = goneFrom(last, model, renames);
      const options = { chains, notesFolder: project, message: `change ${heads.length}`, renames, drops };
      if (dataStep === undefined) await generateRevisions(options);
      else await generateWithData(options, dataStep);
      last = model;
      const revisions = readChain(folder);
      heads.push(revisions.at(-1)?.id ?? 'base');
      return revisions.slice(before);
    },
    async up() {
      await upgrade(target, { folder, reporter, backup: false });
    },
    async down() {
      heads.pop();
      await connection.close();
      await downgrade(target, { folder, reporter, to: heads.at(-1)!, acceptDataLoss: true });
      connection = await connect(target);
    },
    facts: async () => described(await connection.catalog()),
    async hold(model) {
      expect(factsOfCatalog(await connection.catalog())).toEqual(factsOfModel(model, chainName));
    },
    async built(model) {
      const statements = await fromNothing(model);
      return described(await connection.replay([{ statements } as unknown as Revision]));
    },
    rows: (statement) => connection.query(sql.raw(statement)),
    async run(...statements) {
      for (const statement of statements) await connection.run(statement);
    },
    async dispose() {
      await connection.close();
      await dispose();
      rmSync(project, { recursive: true, force: true });
    },
  };
}

async function createSchema(database: PostgresTarget): Promise<EmptyTarget> {
  const name = uniqueName('schema');
  await asSuperuser((client) => client.query(`create schema ${name}`), database.database);
  return {
    target: { ...database, searchPath: name },
    async dispose() {
      const drop = `set client_min_messages = warning; drop schema ${name} cascade`;
      await asSuperuser((client) => client.query(drop), database.database);
    },
  };
}

/** As a contributor does it: the step that `--data` makes is written, and its revision amended with it. */
async function generateWithData(options: GenerateOptions, text: string): Promise<void> {
  const { pairs } = await generateRevisions({ ...options, data: true });
  const file = pairs.find(({ dataFile }) => dataFile !== null)!.dataFile!;
  writeFileSync(file, text);
  await generateRevisions({ ...options, amend: true });
}

/** What is in no model any more, as `--drop` wants it named; nothing here is left to be guessed. */
function goneFrom(before: Model, after: Model, renames: readonly Rename[]): string[] {
  const renamed = (name: string, table?: string) =>
    renames.find((one) => one.from === name && (one.kind === 'table' ? undefined : one.table) === table)
      ?.to ?? name;
  return Object.entries(before.tables).flatMap(([old, { columns }]) => {
    const name = renamed(old);
    const table = after.tables[name];
    if (!table) return [name];
    const names = Object.keys(columns).map((column) => renamed(column, name));
    return names.filter((column) => !table.columns[column]).map((column) => `${name}.${column}`);
  });
}

const described = (catalog: Parameters<typeof describeCatalog>[0]): string[] =>
  describeCatalog(catalog).filter((fact) => !isColumnOrder(fact));

const snapshotOf = (model: Model, chain = chainName): Promise<Snapshot> =>
  generators[chain].snapshot(modulesOf(model, chain));

async function fromNothing(model: Model): Promise<string[]> {
  const generator = generators[chainName];
  return generator.statements(await generator.snapshot({}), await snapshotOf(model));
}
