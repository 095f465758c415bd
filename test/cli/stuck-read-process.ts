import { createServer } from 'node:http';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import type { App } from '../../src/api/app.ts';
import { stopOnSignal } from '../../src/cli/stop.ts';
import { openDatabase } from '../../src/db/open.ts';

/** Run as a process of its own: is told to stop while a thread is in a read that would take minutes, and a request goes on. */
const db = await openDatabase(JSON.parse(process.argv[2]!));
const endless = () => new Promise<void>(() => {});
const app = { server: createServer(), close: endless } as unknown as App;
void stopOnSignal(pino(), { app, services: { stop: endless }, db });
const numbers = (most: number) =>
  sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < ${sql.raw(String(most))}) select count(*) from n`;
// The thread is there when the first read has come back.
await db.longRead(() => db.execute(numbers(1)));
void db.longRead(() => db.execute(numbers(1e12))).catch(() => {});
setTimeout(() => console.log('reading'), 300);
setInterval(() => {}, 1000);
