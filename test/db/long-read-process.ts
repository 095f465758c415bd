import { sql } from 'drizzle-orm';
import { unwrapDatabaseError } from '../../src/db/errors.ts';
import { openDatabase } from '../../src/db/open.ts';

/** Run as a process of its own: closes the database while a read is under way that would take minutes, and ends. */
const db = await openDatabase(JSON.parse(process.argv[2]!));
// Larger than a connection's cache, so that a read goes to the file.
await db.execute(sql`insert into log (id, name, level, message, timestamp)
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 40000)
  select printf('00000000-0000-4000-8000-%012d', i), 'log', 20, hex(randomblob(500)), '2026-01-01 00:00:00.000000' from n`);
const endless = db.longRead(() =>
  db.execute(sql`select count(*) from log a, log b where a.message || b.message like '%never%'`),
);
const failed = endless.then(
  () => 'read it all',
  (error) => (unwrapDatabaseError(error) as Error).message,
);
await new Promise((resolve) => setTimeout(resolve, 300));
const began = performance.now();
await db.close();
console.log(JSON.stringify({ failed: await failed, milliseconds: performance.now() - began }));
process.exit(0);
