import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import type { DialectGenerator, SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import * as pgEnums from '../../src/schema/pg/enums.ts';
import * as pgTables from '../../src/schema/pg/index.ts';
import * as sqliteTables from '../../src/schema/sqlite/index.ts';
import { isColumnOrder } from '../support/catalog-text.ts';
import { dialect } from '../support/engine.ts';
import { createEmptyDatabase, type EmptyDatabase } from './empty-database.ts';

const generator: DialectGenerator = dialect === 'sqlite' ? sqliteGenerator : pgGenerator;
const schema: SchemaModules = dialect === 'sqlite' ? sqliteTables : { ...pgTables, ...pgEnums };
const chain = readChain(chainFolder(generator.chain));
const [first, ...rest] = chain;

const fixture = new URL(`./fixtures/prefect-3.8.8.${generator.chain}.txt`, import.meta.url);
const BREAKPOINT = '--> statement-breakpoint';
const withoutOrder = (facts: string[]) => facts.filter((fact) => !isColumnOrder(fact));

let database: EmptyDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(() => database.dispose());

describe('the chain of migrations', () => {
  it("begins with what Prefect 3.8.8's own chain builds, accidents included", async () => {
    await database.run(first!.statements);
    expect(await database.facts()).toEqual(readFileSync(fixture, 'utf8').trim().split('\n'));
  });

  it('ends at what the schema files say', async () => {
    for (const revision of chain) await database.run(revision.statements);
    const built = withoutOrder(await database.facts());
    const other = await createEmptyDatabase();
    try {
      const [nothing, everything] = [await generator.snapshot({}), await generator.snapshot(schema)];
      await other.run(await generator.statements(nothing, everything));
      expect(built).toEqual(withoutOrder(await other.facts()));
    } finally {
      await other.dispose();
    }
  });

  it('goes down to where it came from, revision by revision', async () => {
    const stations: string[][] = [];
    for (const revision of chain) {
      stations.push(withoutOrder(await database.facts()));
      await database.run(revision.statements);
    }
    for (const revision of chain.toReversed()) {
      await database.run(revision.downSql.split(BREAKPOINT));
      // The extension stays: other programs may need it by then.
      const facts = withoutOrder(await database.facts()).filter((fact) => !fact.startsWith('extension'));
      expect(facts).toEqual(stations.pop()!.filter((fact) => !fact.startsWith('extension')));
    }
  });

  it('keeps the rows of the tables that it rebuilds', async () => {
    await database.run(first!.statements);
    const id = '11111111-2222-4333-8444-555555555555';
    await database.run([
      `insert into automation (id, name, description, "trigger", actions) values ('${id}', 'a', '', '{}', '[]')`,
      `insert into automation_bucket (id, automation_id, trigger_id, bucketing_key, start, "end", count)
        values ('${id}', '${id}', '${id}', '["x"]', '2026-11-22 01:02:03.000004+00', '2026-11-22 01:02:03.000005+00', 7)`,
    ]);
    const query = 'select * from automation_bucket';
    const before = await database.rows(query);
    for (const revision of rest) await database.run(revision.statements);
    expect(before).toHaveLength(1);
    expect(await database.rows(query)).toEqual(before);
  });
});
