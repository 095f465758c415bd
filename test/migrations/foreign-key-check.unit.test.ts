import { expect, test } from 'vitest';
import { runRevision } from '../../src/migrations/sqlite/session.ts';

async function looks(...statements: string[]): Promise<number> {
  const asked: string[] = [];
  const session = {
    run: async () => {},
    all: async (text: string) => {
      asked.push(text);
      return [];
    },
    transaction: <T>(work: () => Promise<T>) => work(),
  };
  await runRevision(session, { atomic: true, statements }, async () => {});
  return asked.filter((text) => text.includes('foreign_key_check')).length;
}

test('every row is looked at before and after what may take or change one', async () => {
  for (const statement of [
    'DROP TABLE "flow_run";',
    'delete from flow',
    'alter table flow add column parent_id text references flow (id)',
    'create index a on flow (id); delete from flow',
    'INSERT INTO "__new_flow" ("id") SELECT "id" FROM "flow"',
  ])
    expect([statement, await looks('create table note (id)', statement)]).toEqual([statement, 2]);
});

test('and at none for what only makes tables and indexes', async () => {
  expect(
    await looks(
      '-- For those who look for processes.\nCREATE UNIQUE INDEX "a" ON "flow_run" ("infrastructure_pid");',
      'create table note (id integer references flow (id))',
      'drop index if exists b',
    ),
  ).toBe(0);
});
