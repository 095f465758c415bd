import { expect, test } from 'vitest';
import { backup, restore } from '../../src/migrations/run/backup.ts';
import { needsBackup } from '../../src/migrations/run/backup-before.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { refusal } from './refusal.ts';

const target = {
  ...{
    backend: 'postgres',
    host: 'db.example',
    port: 5432,
    user: 'prefect',
    database: 'my runs',
    searchPath: null,
  },
} as unknown as PostgresTarget;

test('of PostgreSQL it says what to run', async () => {
  const made = await refusal(backup(target, { file: '/backups/a.dump' }), 'own_tool', 2);
  expect(made).toContain(
    "pg_dump --format=custom --file=/backups/a.dump --host=db.example --port=5432 --username=prefect 'my runs'.",
  );
  const restored = await refusal(restore(target, '/backups/a.dump'), 'own_tool', 2);
  expect(restored).toContain('pg_restore --exit-on-error --single-transaction');
});

test.each([
  ['create table a (id int)', false],
  ['create index i on a (id)', false],
  ['alter table a add column b int', false],
  ['insert into a select 1', false],
  ['-- x\ndrop table a', true],
  ['alter table a\n drop column b', true],
  ['update a set b = 1', true],
  ['/* x */ delete from a', true],
  ['drop table "_service";', false],
  ['drop index i', false],
])('%s: %s', (statement, expected) => {
  expect(needsBackup({ statements: [statement], data: null })).toBe(expected);
});
