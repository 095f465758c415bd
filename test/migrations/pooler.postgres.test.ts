import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { fix } from '../../src/migrations/doctor/fix.ts';
import { planReport } from '../../src/migrations/plan/report.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { heads } from '../../src/migrations/run/status.ts';
import { requireMigrated, upgrade } from '../../src/migrations/run/upgrade.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { createMigratedTarget } from '../support/database.ts';
import { createEmptyTarget, type EmptyTarget } from '../support/engine.ts';
import { on, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { openPooler, type Pooler } from './transaction-pooler.ts';

const reporter = { line: (): void => {} };
const HEAD = heads().pg!.id;

let database: EmptyTarget;
let target: PostgresTarget;
let pooler: Pooler;

async function open(empty: EmptyTarget, ...how: [ignored?: string[], next?: 'used last']): Promise<void> {
  const [ignored = ['options'], next] = how;
  database = empty;
  target = database.target as PostgresTarget;
  pooler = await openPooler(target, ignored, next);
}
afterEach(async () => {
  await pooler.close();
  await database.dispose();
});

test('a pooler that refuses run-time parameters is told with what to set', async () => {
  await open(await createMigratedTarget('postgres'), []);
  expect(await refusal(diagnose(pooler.target), 'not_ours', 2)).toContain(
    'is reached through a pooler that refuses run-time parameters (PgBouncer): set PREFECT_DATABASE_MIGRATION_URL',
  );
});

describe('through a pooler in transaction mode', () => {
  test('a database is looked at as without one', async () => {
    await open(await createMigratedTarget('postgres'));
    const names = await on(pooler.target, async (connection) => [
      await connection.tableNames(),
      await connection.tableNames(),
      await connection.tableNames(),
    ]);
    expect(names[2]!.length).toBeGreaterThan(30);
    expect(await requireMigrated(pooler.target)).toBe(HEAD);
    expect(await planReport(pooler.target)).toMatchObject({ revisions: [] });
    for (const deep of [false, true]) {
      const { findings, revision } = await diagnose(pooler.target, { deep });
      expect(revision).toBe(HEAD);
      expect(findings.filter(({ severity }) => severity !== 'notice')).toEqual([]);
    }
  });

  test('what is wrong with it is found, and what is safe is done', async () => {
    await open(await createMigratedTarget('postgres'));
    await run(
      target,
      'drop index ix_flow_run__start_time',
      'alter table flow alter column name drop not null',
    );
    const { findings } = await diagnose(pooler.target);
    expect(findings.map(({ object }) => object).sort()).toEqual([
      'column name of flow',
      'index ix_flow_run__start_time of flow_run',
    ]);
    const index = findings.filter(({ object }) => object.startsWith('index'));
    expect(await fix(target, index, { reporter })).toMatchObject([{ error: null }]);
    expect((await diagnose(pooler.target)).findings).toHaveLength(1);
  });

  test('nothing is migrated either where the connection that was used last is the next', async () => {
    await open(await createEmptyTarget('postgres'), ['options'], 'used last');
    expect(await refusal(upgrade(pooler.target, { reporter }), 'not_ours', 2)).toContain(
      'no lock of a migration',
    );
  });

  test('nothing is migrated, since no lock holds there; by the direct address it is', async () => {
    await open(await createEmptyTarget('postgres'));
    expect(await refusal(upgrade(pooler.target, { reporter }), 'not_ours', 2)).toContain(
      'is reached through a pooler in transaction mode (PgBouncer), where no lock of a migration holds',
    );
    expect(await tables(target)).toEqual([]);
    const served = { ...pooler.target, direct: target };
    expect((await upgrade(served, { reporter })).head).toBe(HEAD);
    expect(await refusal(downgrade(pooler.target, { to: '-1', reporter }), 'not_ours', 2)).toContain(
      'no lock',
    );
    expect(await requireMigrated(target)).toBe(HEAD);
  });
});

describe('a schema whose name needs quotes', () => {
  let quoted: PostgresTarget;
  beforeEach(async () => {
    await open(await createEmptyTarget('postgres'));
    await run(target, 'create schema "Our ""Runs"""');
    quoted = { ...target, searchPath: '"Our ""Runs""", public' };
  });

  test('is migrated, looked at and put right like any other', async () => {
    expect((await upgrade(quoted, { reporter })).head).toBe(HEAD);
    expect(await tables(target)).toEqual([]);
    expect((await tables(quoted)).length).toBeGreaterThan(30);
    expect((await diagnose(quoted, { deep: true })).findings).toEqual([]);
    await run(quoted, 'drop index ix_flow_run__start_time', 'drop table _service');
    const { findings } = await diagnose(quoted);
    expect(findings.map(({ object }) => object).sort()).toEqual([
      'index ix_flow_run__start_time of flow_run',
      'table _service',
    ]);
    await fix(
      quoted,
      findings.filter(({ object }) => object.startsWith('index')),
      { reporter },
    );
    expect((await diagnose(quoted)).findings.map(({ object }) => object)).toEqual(['table _service']);
  });

  test('goes back and forth', async () => {
    await upgrade(quoted, { reporter });
    await downgrade(quoted, { to: '-1', reporter });
    expect((await upgrade(quoted, { reporter })).head).toBe(HEAD);
    expect((await diagnose(quoted)).findings).toEqual([]);
  });
});
