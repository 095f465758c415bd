import { eq, getTableColumns } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { now } from '../../src/time/timestamp.ts';
import { createTestDatabase } from '../support/database.ts';

test('many rows replace those they meet, but only older ones', async () => {
  const { db, dispose } = await createTestDatabase();
  const { task_run } = db.tables;
  const row = (name: string, at: string | null, id: string) => ({
    id: `00000000-0000-4000-8000-00000000000${id}`,
    created: now(),
    name,
    task_key: 'k',
    dynamic_key: id,
    state_timestamp: at,
  });
  const { id, name, state_timestamp } = getTableColumns(task_run);
  const write = (rows: ReturnType<typeof row>[]) =>
    db.insertMany(task_run, rows, {
      onConflictUpdate: { target: id, set: [name, state_timestamp], newer: state_timestamp },
      returning: [name],
    });
  const [early, late] = ['2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000001Z'];
  await write([
    row('old', early!, '1'),
    row('new', late!, '2'),
    row('none', null, '3'),
    row('same', early!, '4'),
  ]);
  const written = await write([
    row('newer', late!, '1'),
    row('older', early!, '2'),
    row('some', early!, '3'),
    row('again', early!, '4'),
    row('first', early!, '5'),
  ]);
  expect(written.map((each) => each['name'])).toEqual(['newer', 'some', 'first']);
  const rows = await db.orm.select().from(task_run).where(eq(task_run.task_key, 'k')).orderBy(task_run.id);
  expect(rows.map((each) => each.name)).toEqual(['newer', 'new', 'some', 'same', 'first']);
  await dispose();
});
