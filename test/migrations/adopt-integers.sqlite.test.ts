import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { adopt } from '../../src/migrations/adopt/adopt.ts';
import { rows, run } from './inspect.ts';
import { createPrefects } from './prefects.ts';

const INTEGERS = [
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '7',
];

test('integers that Prefect keeps as they are stay what they are, however large', async () => {
  const { target, dispose } = await createPrefects();
  try {
    // SQLite makes a number of them, as of what Prefect writes.
    const values = INTEGERS.map(
      (value, n) => `('00000000-0000-4000-8000-00000000000${n}', 'v${n}', '${value}')`,
    );
    await run(target, `insert into variable (id, name, value) values ${values.join(', ')}`);
    expect(await rows(target, 'select distinct typeof(value) as type from variable')).toEqual([
      { type: 'integer' },
    ]);
    await adopt(target, { reporter: { line() {} } });
    const db = await openDatabase(target);
    try {
      const { variable } = db.tables;
      const found = await db.orm.select({ value: variable.value }).from(variable).orderBy(variable.name);
      expect(found.map(({ value }) => value!.text)).toEqual(INTEGERS);
    } finally {
      await db.close();
    }
  } finally {
    await dispose();
  }
});
