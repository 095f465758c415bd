import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import SqliteDriver from 'better-sqlite3';
import pg from 'pg';

/** Every commit, and every statement that commits itself, has three: before it, while it is being done, and after it. */
const MOMENTS_PER_COMMIT = 3;

const WRITES = /^\s*(?:--.*\n|\s)*(?:create|drop|alter|insert|update|delete)\b/i;

let left = 0;
const die = (): void => void process.kill(process.pid, 'SIGKILL');

/** For a process that lives to say how many moments there are. */
export const NO_MOMENT = 999_999_999;

/** How many moments of commits there have been since `dieAtCommit(NO_MOMENT)`. */
export const momentsSeen = (): number => NO_MOMENT - left;

/**
 * Those of them that leave different databases: after a commit is before the next one, with less begun, so that only the
 * last commit has its moment after.
 */
export const tellingMoments = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index + 1).filter(
    (moment) => moment % MOMENTS_PER_COMMIT !== 0 || moment === count,
  );

/** Ends this process with SIGKILL at the so manieth moment of its commits. */
export async function dieAtCommit(moment: number): Promise<void> {
  left = moment;
  const mode = (moment - 1) % MOMENTS_PER_COMMIT;
  if (mode === 1) await startKiller(moment);
  patchSqlite();
  patchPg();
}

/** Says in which of the three moments of this commit the process is to die, if it is this one. */
function momentOf(): 'before' | 'during' | 'after' | null {
  left -= MOMENTS_PER_COMMIT;
  return left > 0 || left <= -MOMENTS_PER_COMMIT
    ? null
    : (['before', 'during', 'after'] as const)[left + MOMENTS_PER_COMMIT - 1]!;
}

const flag = new Int32Array(new SharedArrayBuffer(4));

/** SQLite commits on the thread that asks it, so that only another one can end the process meanwhile. */
async function startKiller(moment: number): Promise<void> {
  const code = `
    const { parentPort, workerData: { flag, microseconds } } = require('node:worker_threads');
    parentPort.postMessage('ready');
    Atomics.wait(flag, 0, 0);
    const until = process.hrtime.bigint() + BigInt(microseconds * 1000);
    while (process.hrtime.bigint() < until);
    process.kill(process.pid, 'SIGKILL');`;
  const microseconds = (moment * 37) % 400;
  const killer = new Worker(code, { eval: true, workerData: { flag, microseconds } });
  await once(killer, 'message');
  killer.unref();
}

function around<T>(work: () => T): T {
  const moment = momentOf();
  if (moment === 'before') die();
  if (moment === 'during') {
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  }
  const result = work();
  if (moment === 'after') die();
  // Where the other thread got no core meanwhile, its kill comes right after.
  if (moment === 'during') Atomics.wait(flag, 0, 1);
  return result;
}

function patchSqlite(): void {
  const { exec } = SqliteDriver.prototype;
  SqliteDriver.prototype.exec = function (this: SqliteDriver.Database, text: string) {
    // What is replayed in memory leaves nothing.
    const commits = !this.memory && (text === 'commit' || (!this.inTransaction && WRITES.test(text)));
    return commits ? around(() => exec.call(this, text)) : exec.call(this, text);
  };
  const memory = new SqliteDriver(':memory:');
  const prototype = Object.getPrototypeOf(memory.prepare('select 1')) as SqliteDriver.Statement;
  memory.close();
  const { run } = prototype;
  prototype.run = function (this: SqliteDriver.Statement, ...params: unknown[]) {
    const commits = !this.database.memory && !this.database.inTransaction && WRITES.test(this.source);
    return commits ? around(() => run.apply(this, params)) : run.apply(this, params);
  };
}

type Query = (this: pg.Client, text: unknown, ...rest: unknown[]) => Promise<unknown>;

function patchPg(): void {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  let inTransaction = false;
  prototype.query = async function (text, ...rest) {
    const run = () => query.call(this, text, ...rest);
    if (typeof text !== 'string') return run();
    if (/^(?:begin|rollback)$/.test(text)) inTransaction = text === 'begin';
    if (text !== 'commit' && (inTransaction || !WRITES.test(text))) return run();
    inTransaction = false;
    const moment = momentOf();
    if (moment === 'before') die();
    const result = run();
    // What was asked for is on its way, and its answer will find nobody.
    if (moment === 'during') die();
    await result;
    if (moment === 'after') die();
    return result;
  };
}
