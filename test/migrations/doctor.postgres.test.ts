import { afterEach, beforeEach, expect, test } from 'vitest';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import type { Finding } from '../../src/migrations/doctor/findings.ts';
import { fix } from '../../src/migrations/doctor/fix.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { rows, run } from './inspect.ts';

let place: EmptyTarget;
beforeEach(async () => {
  place = await createMigratedTarget('postgres');
});
afterEach(() => place.dispose());

const look = async () => (await diagnose(place.target)).findings;

async function repaired(): Promise<readonly Finding[]> {
  const findings = await look();
  const results = await fix(place.target, findings, { reporter: { line: () => {} } });
  expect(results.map(({ error }) => error)).toEqual(findings.map(() => null));
  expect(await look()).toEqual([]);
  return findings;
}

test('an index that a broken CREATE INDEX CONCURRENTLY left behind is built again', async () => {
  await run(
    place.target,
    `update pg_index set indisvalid = false where indexrelid = 'ix_log__level'::regclass`,
  );
  const [found] = await repaired();
  expect(found!.found).toBe('log: index ix_log__level btree (level) INVALID');
  expect(found!.fix).toHaveLength(2);
});

test('what REINDEX CONCURRENTLY left behind is dropped, but not an index of somebody', async () => {
  await run(
    place.target,
    'create index ix_log__level_ccnew on log (level)',
    `update pg_index set indisvalid = false where indexrelid = 'ix_log__level_ccnew'::regclass`,
  );
  expect((await repaired()).map(({ code }) => code)).toEqual(['index.extra']);
  await run(place.target, 'create index ix_mine_ccnew on log (level)');
  expect((await look()).map(({ fix: statements }) => statements)).toEqual([[]]);
});

test('a constraint that was never validated is, once its rows are right', async () => {
  const key = 'fk_deployment_schedule__deployment_id__deployment';
  await run(
    place.target,
    `alter table deployment_schedule drop constraint ${key}`,
    `insert into deployment_schedule (schedule, active, deployment_id) values ('{}', true, gen_random_uuid())`,
    `alter table deployment_schedule add constraint ${key} foreign key (deployment_id) references deployment (id) on delete cascade not valid`,
  );
  const findings = await look();
  expect(findings.map(({ code }) => code)).toEqual(['rows.orphaned', 'foreign_key.changed']);
  const results = await fix(place.target, findings, { reporter: { line: () => {} } });
  expect(results[0]!.error).toMatch(/violates foreign key/);
  await run(place.target, 'delete from deployment_schedule');
  expect((await repaired())[0]!.fix).toEqual([
    `ALTER TABLE "deployment_schedule" VALIDATE CONSTRAINT "${key}"`,
  ]);
});

test('keys that were switched off are switched on', async () => {
  await run(place.target, 'alter table deployment_schedule disable trigger all');
  const findings = await repaired();
  expect(findings[0]!.found).toMatch(/ disabled$/);
  await run(place.target, 'alter table flow disable trigger all');
  expect((await repaired()).map(({ object }) => object).join()).toContain('of flow_run');
});

test('keys that were switched off stay off, and are told of, while rows break them', async () => {
  await run(
    place.target,
    'alter table deployment_schedule disable trigger all',
    `insert into deployment_schedule (schedule, active, deployment_id) values ('{}', true, gen_random_uuid())`,
  );
  const findings = await look();
  expect(findings.map(({ code }) => code)).toEqual(['rows.orphaned', 'foreign_key.changed']);
  expect(findings[1]!.advice).toMatch(/^put right the rows that break foreign keys, then run ALTER TABLE /);
  expect(await fix(place.target, findings, { reporter: { line: () => {} } })).toEqual([]);
  expect(await look()).toEqual(findings);
  await run(place.target, 'delete from deployment_schedule');
  await repaired();
});

test('pg_trgm and what depends on it come back', async () => {
  await run(place.target, 'drop extension pg_trgm cascade');
  const findings = await repaired();
  expect(findings[0]).toMatchObject({ code: 'extension.missing', severity: 'error' });
  expect(findings.length).toBeGreaterThan(5);
});

test('a value that an enumeration lacks is added in its place', async () => {
  await run(
    place.target,
    'alter table work_pool alter column status drop default, alter column status type text',
    'drop type work_pool_status',
    `create type work_pool_status as enum ('READY', 'PAUSED')`,
    `alter table work_pool alter column status type work_pool_status using status::work_pool_status`,
  );
  const findings = await look();
  const kinds = findings.filter(({ code }) => code === 'enum.changed');
  expect(kinds[0]!.fix).toEqual([
    `ALTER TYPE "work_pool_status" ADD VALUE IF NOT EXISTS 'NOT_READY' AFTER 'READY'`,
  ]);
  await repaired();
  const [row] = await rows(place.target, 'select enum_range(null::work_pool_status)::text as r');
  expect(row).toEqual({ r: '{READY,NOT_READY,PAUSED}' });
});

test('a changed index is replaced by the right one only when that one stands', async () => {
  await run(
    place.target,
    'drop index uq_block__type_id_name',
    'create unique index uq_block__type_id_name on block_document (name)',
  );
  const [found] = await look();
  expect(found).toMatchObject({ code: 'index.changed', severity: 'error' });
  expect(found!.fix[1]).toMatch(
    /^CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "_new_uq_block__type_id_name"/,
  );
  await repaired();
});

test('an enumeration with a value too many is made anew by the statements that are told', async () => {
  await run(place.target, `alter type work_pool_status add value 'GONE'`);
  const [found] = await look();
  expect(found).toMatchObject({ code: 'enum.changed', fix: [] });
  await run(place.target, found!.advice.slice('run '.length));
  expect(await look()).toEqual([]);
});
