import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { createTestDatabase } from './database.ts';

test('the server is of the version that this leg is about', async () => {
  const { db, dispose } = await createTestDatabase();
  const [row] = await db.execute<{ v: string }>(sql`select current_setting('server_version') as v`);
  expect(row!.v.split('.')[0]).toBe(process.env['TEST_POSTGRES_VERSION'] ?? '18');
  await dispose();
});
