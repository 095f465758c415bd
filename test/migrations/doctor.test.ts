import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ChainName, chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { type Diagnosis, exitCodeOf, type Finding } from '../../src/migrations/doctor/findings.ts';
import { fix } from '../../src/migrations/doctor/fix.ts';
import { diagnosisJson, diagnosisText } from '../../src/migrations/doctor/report.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { createProgressTable, saveProgress } from '../../src/migrations/run/progress-table.ts';
import { stamp } from '../../src/migrations/run/stamp.ts';
import { mutations } from '../parity/mutations.ts';
import { createMigratedTarget } from '../support/database.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { on, rows, run } from './inspect.ts';
import { refusal } from './refusal.ts';

const engine: ChainName = dialect === 'sqlite' ? 'sqlite' : 'pg';
const chain = readChain(chainFolder(engine));
const head = chain.at(-1)!.id;

let place: EmptyTarget;
let lines: string[];
beforeEach(async () => {
  place = await createMigratedTarget();
  lines = [];
});
afterEach(() => place.dispose());

const look = (deep = false): Promise<Diagnosis> => diagnose(place.target, { deep });
const repair = (findings: readonly Finding[]) =>
  fix(place.target, findings, { reporter: { line: (text) => lines.push(text) }, lockTimeoutSeconds: 1 });

/** The one thing that is wrong. */
async function only(deep = false): Promise<Finding & { exitCode: number }> {
  const { findings } = await look(deep);
  expect(findings).toHaveLength(1);
  return { ...findings[0]!, exitCode: exitCodeOf(findings) };
}

/** The one thing that is wrong is put right, and then nothing is. */
async function repaired(): Promise<Finding> {
  const found = await only();
  const results = await repair([found]);
  expect(results.map(({ error }) => error)).toEqual([null]);
  expect(lines.at(-1)).toBe(`fixed: ${found.object}`);
  expect((await look(true)).findings).toEqual([]);
  return found;
}

describe('a healthy database', () => {
  test('has no findings, deep or not', async () => {
    for (const deep of [false, true]) {
      const diagnosis = await look(deep);
      expect(diagnosis.findings).toEqual([]);
      expect(exitCodeOf(diagnosis.findings)).toBe(0);
      expect(diagnosis.revision).toBe(head);
      expect(diagnosis.engine).toMatch(dialect === 'sqlite' ? /^SQLite 3\./ : /^PostgreSQL 1[38]/);
      expect(diagnosisText(diagnosis)).toContain('All is as it should be.');
    }
  });

  test('is only read', async () => {
    const count = () => rows(place.target, 'select count(*) as n from _migrations');
    const before = await count();
    await look(true);
    expect(await count()).toEqual(before);
    expect(await repair([])).toEqual([]);
  });
});

describe('what somebody changed by hand is found:', () => {
  test.each(mutations.filter((mutation) => mutation[engine]))('$what', async (mutation) => {
    const change = mutation[engine]!;
    await on(place.target, change.make);
    const { findings } = await look();
    expect(findings.map((one) => `${one.expected}\n${one.found}`).join('\n')).toMatch(mutation.fact);
    expect(exitCodeOf(findings)).toBe(mutation.what === 'there is a view' ? 0 : 5);
    for (const { advice, fix: statements } of findings) {
      expect(advice).toMatch(/[A-Z]{4}|prefect-server database|backup/);
      expect(statements.join()).not.toMatch(/drop (table|column|constraint|type)|delete|truncate/i);
    }
    const fixable = findings.filter((one) => one.fix.length > 0);
    expect((await repair(findings)).map(({ error }) => error)).toEqual(fixable.map(() => null));
    const left = (await look()).findings;
    expect(left).toEqual(findings.filter((one) => one.fix.length === 0));
    if (fixable.length === findings.length) return;
    await on(place.target, change.undo);
    if (mutation.what !== 'an enumeration has a value too many') expect((await look()).findings).toEqual([]);
  });

  test('an index is made again, and what changed is put right', async () => {
    await run(place.target, 'drop index ix_flow__created');
    const found = await repaired();
    expect(found).toMatchObject({
      code: 'index.missing',
      severity: 'warning',
      object: 'index ix_flow__created of flow',
    });
    expect(found.fix.join()).toContain(
      dialect === 'sqlite' ? 'CREATE INDEX' : 'CREATE INDEX CONCURRENTLY IF NOT EXISTS',
    );
  });

  test('a whole table that is gone is one finding', async () => {
    await run(place.target, 'drop table csrf_token');
    expect(await only()).toMatchObject({ code: 'table.missing', severity: 'error', fix: [], exitCode: 5 });
  });

  test('a fix that fails is told, and the others are done', async () => {
    await run(place.target, 'drop index ix_flow__created');
    const found = await only();
    const bad: Finding = { ...found, object: 'nothing', fix: ['create index nonsense'] };
    const results = await repair([bad, found]);
    expect(results.map(({ error }) => error === null)).toEqual([false, true]);
    expect(lines[0]).toMatch(/^not fixed: nothing \(.+\)$/);
    expect((await look()).findings).toEqual([]);
  });
});

describe('rows that refer to nothing', () => {
  const schedule = `insert into deployment_schedule (id, schedule, active, deployment_id)
    values ('11111111-2222-4333-8444-555555555555', '{}', true, '11111111-2222-4333-8444-000000000000')`;

  test('are found and left alone', async () => {
    const off =
      dialect === 'sqlite'
        ? 'pragma foreign_keys = off'
        : 'alter table deployment_schedule disable trigger all';
    await run(place.target, off, schedule);
    if (dialect === 'postgres') await run(place.target, 'alter table deployment_schedule enable trigger all');
    // PostgreSQL trusts its own keys, unless it is to look everywhere.
    const found = await only(dialect === 'postgres');
    expect(found).toMatchObject({ code: 'rows.orphaned', severity: 'error', fix: [], exitCode: 5 });
    expect(found.problem).toBe('is broken by 1 row whose deployment_id is not in deployment');
    expect(found.object).toBe(
      'foreign key fk_deployment_schedule__deployment_id__deployment of deployment_schedule',
    );
    const query = found.advice.slice('look at them with '.length, found.advice.indexOf(', and delete'));
    expect(await rows(place.target, query)).toHaveLength(1);
  });

  test('where no key forbids it are told of when asked', async () => {
    await run(
      place.target,
      `insert into log (id, name, level, message, timestamp, flow_run_id) values ('11111111-2222-4333-8444-555555555555', 'a', 20,
        'b', '2026-11-22 01:02:03.000004+00', '11111111-2222-4333-8444-000000000000')`,
    );
    expect((await look()).findings).toEqual([]);
    expect(await only(true)).toMatchObject({ code: 'reference.orphaned', severity: 'notice', exitCode: 0 });
  });
});

describe('the ledger', () => {
  const edit = (statement: string) => run(place.target, statement);

  test('a revision that was changed', async () => {
    await edit(`update _migrations set checksum = 'x' where id = '${head}'`);
    expect(await only()).toMatchObject({ code: 'ledger.checksum', expected: 'x', exitCode: 5 });
  });

  const stampHead = () => stamp(place.target, { to: head, confirmed: true, reporter: { line: () => {} } });

  test('a row that is gone from its beginning, and then the last one: what is told helps', async () => {
    await edit(`delete from _migrations where id = '${chain[0]!.id}'`);
    for (const last of [head, chain.at(-2)!.id]) {
      const found = await only();
      expect(found).toMatchObject({ code: 'ledger.gap', severity: 'error', exitCode: 5 });
      expect(found.advice).toBe(
        `run DELETE FROM _migrations, then run prefect-server database stamp ${head}`,
      );
      await edit(`delete from _migrations where id = '${last}'`);
    }
    await edit('DELETE FROM _migrations');
    await stampHead();
    await edit(`delete from _migrations where id = '${head}'`);
    expect((await only()).advice).toBe(`run prefect-server database stamp ${head}`);
    await stampHead();
    expect((await look()).findings).toEqual([]);
  });

  test('a row that is gone beside tables of no revision', async () => {
    await edit(`delete from _migrations where id = '${chain[0]!.id}'`);
    await edit('drop index ix_flow__created');
    const { findings } = await look();
    const gap = findings.find(({ code }) => code === 'ledger.gap');
    expect(gap!.advice).toBe('restore the table _migrations from a backup');
  });

  test('a revision that this version does not know', async () => {
    await edit(`insert into _migrations (id, applied_at, name, parent, checksum, label, breaking, down_sql, duration_ms, app_version)
      values ('ffffffffffff', '', 'from_the_future', '${head}', '', 'lossless', false, '', 0, '99.0.0')`);
    const found = await only();
    expect(found).toMatchObject({ code: 'ledger.ahead', exitCode: 3 });
    expect(found.problem).toContain('ffffffffffff (from_the_future)');
    expect(found.advice).toContain('99.0.0');
  });

  test('a database that is behind is compared with where it is', async () => {
    await downgrade(place.target, { to: '-1', reporter: { line: () => {} } });
    expect(await only()).toMatchObject({ code: 'ledger.behind', exitCode: 4 });
    await run(place.target, 'drop index ix_flow__created');
    const { findings, revision } = await look();
    expect(revision).toBe(chain.at(-2)!.id);
    expect(findings.map(({ code }) => code).sort()).toEqual(['index.missing', 'ledger.behind']);
    expect(exitCodeOf(findings)).toBe(5);
  });

  test.each(['drop table', 'delete from'])(
    'that was lost (%s _migrations) is known by the tables',
    async (loss) => {
      await edit(`${loss} _migrations`);
      const found = await only();
      expect(found).toMatchObject({ code: 'ledger.missing', exitCode: 5 });
      expect(found.advice).toBe(`run prefect-server database stamp ${head}`);
      await edit('drop index ix_flow__created');
      expect((await only()).advice).toBe('restore the table _migrations from a backup');
    },
  );

  test('a revision that was stopped on its way', async () => {
    const row = {
      revision: head,
      direction: 'up',
      checksum: '',
      statements_done: 3,
      data_key: '17',
    } as const;
    await on(place.target, async (connection) => {
      await createProgressTable(connection);
      await saveProgress(connection, { ...row, rows_done: 2000, rows_total: 5000 });
    });
    const found = await only();
    expect(found).toMatchObject({ code: 'revision.unfinished', severity: 'error' });
    expect(found.problem).toBe('was stopped on its way up, after 3 statements and 2000 of 5000 rows');
  });

  test("Prefect's own beside it", async () => {
    await edit('create table alembic_version (version_num varchar(32))');
    expect(await only()).toMatchObject({ code: 'alembic.present', severity: 'notice' });
    await edit('drop table _migrations');
    await refusal(look(), 'made_by_prefect', 2);
  });
});

describe('a database without our tables', () => {
  beforeEach(async () => {
    await place.dispose();
    place = await createEmptyTarget();
  });

  test('that is empty only has to be migrated', async () => {
    expect(await only()).toMatchObject({ code: 'ledger.behind', exitCode: 4 });
  });

  test("that is another program's is refused", async () => {
    await run(place.target, 'create table invoice (id integer)');
    expect(await refusal(look(), 'not_ours', 2)).toContain('(invoice)');
  });
});

test('the report names each finding, what to do, and how to have it done', async () => {
  await run(place.target, 'drop index ix_flow__created', 'create table extra (id integer)');
  const diagnosis = await look();
  expect(diagnosisText(diagnosis)).toContain(
    'warning: index ix_flow__created of flow is missing\n  expected  flow: index',
  );
  expect(diagnosisText(diagnosis)).toContain('  do        if nobody needs it, run DROP TABLE "extra"');
  expect(diagnosisText(diagnosis)).toContain(
    '2 warnings; run prefect-server database doctor --fix to put one of them right.',
  );
  expect(JSON.parse(JSON.stringify(diagnosisJson(diagnosis)))).toMatchObject({
    exit_code: 5,
    revision: head,
    findings: expect.arrayContaining([expect.objectContaining({ code: 'index.missing', fixable: true })]),
  });
});
