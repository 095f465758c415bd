import { expect, test } from 'vitest';
import { migrate } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, createTestDatabase, dialect } from './database.ts';
import { bestOf } from './timing.ts';

test("a test database is at the head, is empty, and is nobody else's", async () => {
  const one = await createTestDatabase();
  const two = await createTestDatabase();
  try {
    expect(one.db.dialect.name).toBe(dialect);
    expect((await migrate(one.target, { log: () => {} })).applied).toEqual([]);
    const { flow } = one.db.tables;
    await one.db.orm.insert(flow).values({ name: 'only-here' });
    expect(await one.db.orm.select({ name: flow.name }).from(flow)).toEqual([{ name: 'only-here' }]);
    expect(await two.db.orm.select().from(flow)).toEqual([]);
  } finally {
    await one.dispose();
    await two.dispose();
  }
});

test('the chain of the package: the first start applies it, the second one needs under 20 ms', async () => {
  const { target, dispose } = await createEmptyTarget();
  const lines: string[] = [];
  const start = () => migrate(target, { log: (line) => lines.push(line) });
  const first = await start();
  expect(first.applied.length).toBeGreaterThan(1);
  expect(lines).toHaveLength(first.applied.length * 2);
  expect(await start()).toEqual({ applied: [], head: first.head });
  expect(lines).toHaveLength(first.applied.length * 2);
  expect(await bestOf(50, start)).toBeLessThan(20);
  await dispose();
});
