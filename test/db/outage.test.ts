import { expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { DatabaseUnavailable, unwrapDatabaseError } from '../../src/db/errors.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createTestDatabase } from '../support/database.ts';
import { prepareOutage } from '../support/outage.ts';

const write = (db: Database, name: string) =>
  db.transaction(async () => {
    await db.orm.insert(db.tables.flow).values({ name, tags: [] });
  });

test('while the database is away requests fail as unavailable, and afterwards all is well without a restart', async () => {
  const { target, dispose } = await createTestDatabase();
  const outage = await prepareOutage(target);
  const db = await openDatabase(outage.target);
  try {
    await write(db, 'before');
    await outage.begin();
    for (let i = 0; i < 3; i++) {
      const error = await write(db, `during ${i}`).then(() => undefined, unwrapDatabaseError);
      expect(error).toBeInstanceOf(DatabaseUnavailable);
    }
    await outage.end();
    await write(db, 'after').catch(() => write(db, 'after'));
    const rows = await db.orm.select({ name: db.tables.flow.name }).from(db.tables.flow);
    expect(rows.map(({ name }) => name).sort()).toEqual(['after', 'before']);
  } finally {
    await db.close();
    await outage.end();
    await dispose();
  }
});
