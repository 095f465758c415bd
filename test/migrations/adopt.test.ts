import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { adopt, adoptPlan } from '../../src/migrations/adopt/adopt.ts';
import { ADOPTED } from '../../src/migrations/adopt/alembic.ts';
import { giveBack, giveBackPlan } from '../../src/migrations/adopt/give-back.ts';
import { prefectRevisions } from '../../src/migrations/adopt/prefect-revisions.ts';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { fix } from '../../src/migrations/doctor/fix.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { heads } from '../../src/migrations/run/status.ts';
import { requireMigrated, upgrade } from '../../src/migrations/run/upgrade.ts';
import { describeCatalog } from '../support/catalog-text.ts';
import { createMigratedTarget } from '../support/database.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { connect, ledgerOf, on, rows, run, tables } from './inspect.ts';
import { createPrefects, FLOW_ID, PREFECT_HEAD } from './prefects.ts';
import { refusal } from './refusal.ts';

const chain = dialect === 'sqlite' ? 'sqlite' : 'pg';
const HEAD = heads()[chain]!.id;
/** What comes after the schema that Prefect makes, the newest first. */
const OURS = readChain(chainFolder(chain))
  .slice(1)
  .map(({ id }) => id)
  .reverse();
const lines: string[] = [];
const reporter = { line: (line: string) => lines.push(line) };

let database: EmptyTarget;
afterEach(async () => {
  lines.length = 0;
  await database.dispose();
});

const alembic = () => rows(database.target, 'select version_num from alembic_version');
const flows = () => rows(database.target, 'select id, name from flow');
const facts = (of: EmptyTarget = database) =>
  on(of.target, async (connection) => describeCatalog(await connection.catalog()));
const takeOver = () => adopt(database.target, { reporter });
const handBack = () => giveBack(database.target, { reporter });

/** Nothing was changed, and it is Prefect's as before. */
async function staysPrefects(version: unknown = [{ version_num: PREFECT_HEAD }]): Promise<void> {
  expect(await tables(database.target)).not.toContain('_migrations');
  expect(await alembic()).toEqual(version);
}

describe('a database that Prefect has made', () => {
  test('is left alone until it is adopted, then brought to the head with all that it holds', async () => {
    database = await createPrefects();
    expect(await refusal(upgrade(database.target, { reporter }), 'made_by_prefect', 2)).toContain(
      'run prefect-server database adopt to take it over',
    );
    const plan = await adoptPlan(database.target, { reporter });
    expect(plan).toMatchObject({ adopted: false, kept: [] });
    expect(plan.pending.at(-1)!.id).toBe(HEAD);
    await staysPrefects();

    const { adopted, head, applied, backup } = await takeOver();
    expect({ adopted, head }).toEqual({ adopted: true, head: HEAD });
    expect(applied.at(-1)!.id).toBe(HEAD);
    expect(await requireMigrated(database.target)).toBe(HEAD);
    expect((await ledgerOf(database.target)).map(({ id }) => id)).toEqual(plan.pending.map(({ id }) => id));
    expect(await flows()).toEqual([{ id: FLOW_ID, name: 'ours?' }]);
    expect(await alembic()).toEqual([{ version_num: ADOPTED }]);
    const ours = await createMigratedTarget();
    expect(await facts()).toEqual(await facts(ours));
    await ours.dispose();
    expect(
      (await diagnose(database.target)).findings.filter(({ severity }) => severity !== 'notice'),
    ).toEqual([]);
    if (database.target.backend === 'sqlite') {
      expect(backup).toMatch(/\.before-adopt-\d{8}T\d{9}Z$/);
      expect(await rows({ ...database.target, file: backup! }, 'select * from alembic_version')).toEqual([
        { version_num: PREFECT_HEAD },
      ]);
    } else expect(backup).toBeUndefined();
  });

  test('is adopted once', async () => {
    database = await createPrefects();
    await takeOver();
    const again = await takeOver();
    expect(again).toMatchObject({ adopted: false, applied: [], head: HEAD });
    expect(await adoptPlan(database.target, { reporter })).toMatchObject({ adopted: true, pending: [] });
  });

  test('that was adopted and not brought to the head goes on there', async () => {
    database = await createPrefects();
    await takeOver();
    await downgrade(database.target, { to: '-1', reporter });
    expect(await takeOver()).toMatchObject({ adopted: false, head: HEAD, applied: [{ id: HEAD }] });
  });

  test('is given back as it was', async () => {
    database = await createPrefects();
    const before = await facts();
    await takeOver();
    await run(database.target, `update flow set name = 'theirs'`);
    const plan = await giveBackPlan(database.target);
    expect(plan).toMatchObject({ given: false, losses: [], steps: OURS.map((id) => ({ row: { id } })) });
    expect(plan.drops).toContain('_migrations');
    const done = await handBack();
    expect(done).toMatchObject({ given: true, revision: PREFECT_HEAD, reverted: OURS.map((id) => ({ id })) });
    expect(done.backup === null).toBe(dialect === 'postgres');
    await staysPrefects();
    expect((await tables(database.target)).filter((name) => name.startsWith('_'))).toEqual([]);
    expect(await facts()).toEqual(before);
    expect(await flows()).toEqual([{ id: FLOW_ID, name: 'theirs' }]);
    expect(await handBack()).toMatchObject({ given: false, revision: PREFECT_HEAD });
    expect(await takeOver()).toMatchObject({ adopted: true });
  });
});

const MOMENT = '2026-01-02 03:04:05.000000';

describe('a database that we have made', () => {
  test('becomes one that Prefect could have made', async () => {
    database = await createMigratedTarget();
    const prefects = await createPrefects();
    // What servers have agreed on goes unasked, as Prefect forgets the same at a restart.
    await run(
      database.target,
      `insert into _service (name, due) values ('Scheduler', '${MOMENT}')`,
      `insert into _concurrency_lease (id, created, expiration, limit_ids, slots) values ('${FLOW_ID}', '${MOMENT}', '${MOMENT}', '[]', 1)`,
      `insert into _task_queue (task_run_id, task_key, is_retry, enqueued) values ('${FLOW_ID}', 'k', false, '${MOMENT}')`,
      `insert into _task_worker (identifier, task_keys, seen) values ('w', '[]', '${MOMENT}')`,
    );
    expect(await giveBackPlan(database.target)).toMatchObject({ given: false, losses: [] });
    await handBack();
    expect(await facts()).toEqual(await facts(prefects));
    expect(await alembic()).toEqual([{ version_num: PREFECT_HEAD }]);
    const alembicOf = (of: EmptyTarget) =>
      on(of.target, async (connection) => (await connection.catalog()).tables['alembic_version']);
    expect(await alembicOf(database)).toEqual(await alembicOf(prefects));
    await prefects.dispose();
  });

  test('is not given back when it has drifted', async () => {
    database = await createMigratedTarget();
    await run(database.target, 'drop index ix_flow_run__start_time');
    const message = await refusal(handBack(), 'changed', 5);
    expect(message).toContain('index ix_flow_run__start_time of flow_run is missing');
    expect(message).toMatch(/: run CREATE .*, then run prefect-server database adopt --give-back again\.$/);
    expect(await requireMigrated(database.target)).toBe(HEAD);
  });

  test('keeps a table of its operator, also one that begins with _', async () => {
    database = await createMigratedTarget();
    await run(database.target, 'create table _mine (id integer)', 'create table mine (id integer)');
    await handBack();
    expect(await tables(database.target)).toEqual(expect.arrayContaining(['_mine', 'mine']));
  });

  test('with an alembic_version of another content is noticed, and closed to Prefect', async () => {
    database = await createPrefects();
    await takeOver();
    await run(database.target, `update alembic_version set version_num = '${PREFECT_HEAD}'`);
    const { findings } = await diagnose(database.target);
    const found = findings.filter(({ code }) => code === 'alembic.present');
    expect(found).toHaveLength(1);
    expect(await fix(database.target, found, { reporter })).toMatchObject([{ error: null }]);
    expect(await alembic()).toEqual([{ version_num: ADOPTED }]);
  });
});

describe('what is not as Prefect 3.8.8 makes it', () => {
  test.each([
    [
      'a missing index',
      'drop index ix_flow_run__start_time',
      /index ix_flow_run__start_time of flow_run is missing/,
    ],
    [
      'an extra column',
      'alter table flow add column mine text',
      /column mine of flow is no part of the schema/,
    ],
    ['a missing table', 'drop table saved_search', /table saved_search is missing/],
  ])('%s is refused, with what puts it right', async (_what, statement, named) => {
    database = await createPrefects(statement);
    const message = await refusal(takeOver(), 'changed', 5);
    expect(message).toMatch(named);
    expect(message).toMatch(/: .*, then run prefect-server database adopt again\.$/);
    expect(await refusal(adoptPlan(database.target, { reporter }), 'changed', 5)).toBe(message);
    expect(lines.join('\n')).toMatch(named);
    await staysPrefects();
  });

  test('a changed index is refused; once it is put right as the message says, it is taken over', async () => {
    database = await createPrefects(
      'drop index ix_flow_run__start_time',
      'create index ix_flow_run__start_time on flow_run (end_time)',
    );
    const message = await refusal(takeOver(), 'changed', 5);
    const [, advice = ''] = /: run (.*), then run prefect-server/s.exec(message) ?? [];
    await run(database.target, ...advice.split('; '));
    expect(await takeOver()).toMatchObject({ adopted: true });
  });

  test('several at once are all told', async () => {
    database = await createPrefects(
      'drop index ix_flow_run__start_time',
      'drop index ix_flow_run__end_time_desc',
    );
    expect(await refusal(takeOver(), 'changed', 5)).toContain(
      ': put each right as the lines before this one say,',
    );
    expect(lines.filter((line) => /is missing .*: run CREATE/.test(line))).toHaveLength(2);
  });

  test.runIf(dialect === 'postgres')('a changed default', async () => {
    database = await createPrefects(`alter table flow alter column tags set default '[1]'`);
    expect(await refusal(takeOver(), 'changed', 5)).toMatch(
      /column tags of flow is not as it should be.*SET DEFAULT/,
    );
  });

  test("an operator's own index, table and view stay, also on a table that is rebuilt", async () => {
    database = await createPrefects(
      'create index ix_mine on deployment_version (branch)',
      'create table mine (id integer)',
      'create view seen as select id from flow',
    );
    const { kept } = await takeOver();
    expect([...kept].sort()).toEqual(['index ix_mine of deployment_version', 'table mine', 'view seen']);
    expect(lines).toContain("table mine is no part of Prefect's schema, and stays");
    const found = await on(database.target, (connection) => connection.catalog());
    expect(found.tables['deployment_version']!.indexes.map(({ name }) => name)).toContain('ix_mine');
    expect(Object.keys(found.tables)).toContain('mine');
    await handBack();
    expect((await facts()).filter((fact) => fact.includes('index ix_mine '))).toHaveLength(1);
  });
});

describe("Prefect's revisions", () => {
  const at = async (...versions: string[]) => {
    database = await createPrefects(
      'delete from alembic_version',
      ...versions.map((version) => `insert into alembic_version values ('${version}')`),
    );
  };

  test('an older one: its release is named, and what to do first', async () => {
    await at(prefectRevisions(chain).at(-2)!);
    expect(await refusal(takeOver(), 'behind', 4)).toMatch(
      /older Prefect \(revision \w{12}: later than 3\.8\.0, before 3\.8\.8\): run prefect server database upgrade -y with Prefect 3\.8\.8, then prefect-server database adopt\.$/,
    );
    await staysPrefects([{ version_num: prefectRevisions(chain).at(-2) }]);
  });

  test('a newer one, or one that nobody knows', async () => {
    await at('0123456789ab');
    expect(await refusal(takeOver(), 'ahead', 3)).toContain(
      `run prefect server database downgrade -y -r ${PREFECT_HEAD} with that version, then prefect-server database adopt.`,
    );
    expect(await refusal(handBack(), 'ahead', 3)).toContain('0123456789ab');
  });

  test('none', async () => {
    await at();
    expect(await refusal(takeOver(), 'behind', 4)).toContain('has an empty alembic_version');
    await staysPrefects([]);
  });

  test('two', async () => {
    await at(PREFECT_HEAD, '0123456789ab');
    expect(await refusal(takeOver(), 'changed', 5)).toContain(
      `at 2 revisions of Prefect at once (0123456789ab, `,
    );
  });

  test('ours, without our ledger', async () => {
    await at(ADOPTED);
    expect(await refusal(takeOver(), 'changed', 5)).toContain('(_migrations) is gone: restore that table');
  });
});

describe('a database that is nobody’s', () => {
  test('an empty one is not made', async () => {
    database = await createEmptyTarget();
    expect(await refusal(takeOver(), 'not_ours', 2)).toContain('run prefect-server database upgrade');
    expect(await refusal(handBack(), 'not_ours', 2)).toContain('is empty');
    if (database.target.backend === 'sqlite') expect(existsSync(database.target.file)).toBe(false);
  });

  test("another program's", async () => {
    database = await createEmptyTarget();
    await run(database.target, 'create table note (id integer)');
    expect(await refusal(takeOver(), 'not_ours', 2)).toContain('tables of another program (note)');
    await run(database.target, 'create table alembic_version (v text)');
    expect(await refusal(takeOver(), 'not_ours', 2)).toContain('alembic_version of another program');
  });
});

describe('a database that someone uses', () => {
  test('is refused both ways, and taken over when that is over', async () => {
    database = await createPrefects();
    const other = await connect(database.target);
    await other.tableNames();
    // This connection bears the name of one that waits to migrate, which doesn't count.
    if (database.target.backend === 'postgres') await other.run(`set application_name = 'someone'`);
    const message = await refusal(takeOver(), 'locked', 7);
    expect(message).toContain('is in use by');
    if (database.target.backend === 'postgres') {
      expect(message).toContain('someone');
      expect(await adopt(database.target, { reporter, ignoreClients: true })).toMatchObject({
        adopted: true,
      });
    } else await staysPrefects();
    await other.close();
    await takeOver();
    const reader = await connect(database.target);
    await reader.tableNames();
    if (database.target.backend === 'postgres') await reader.run(`set application_name = ''`);
    expect(await refusal(handBack(), 'locked', 7)).toContain('is in use by');
    await reader.close();
    expect(await handBack()).toMatchObject({ given: true });
  });

  test.runIf(dialect === 'sqlite')('leaves no copy behind when it is refused', async () => {
    database = await createPrefects();
    const { target } = database;
    if (target.backend !== 'sqlite') return;
    const other = await connect(target);
    await other.tableNames();
    await refusal(takeOver(), 'locked', 7);
    await other.close();
    expect(
      readdirSync(dirname(target.file)).filter((name) => name.startsWith(`${basename(target.file)}.before`)),
    ).toEqual([]);
  });
});
