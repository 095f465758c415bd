import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteDriver, { type Database as Driver, type Statement } from 'better-sqlite3';
import { codeOf, isBusy } from '../../db/sqlite/errors.ts';
import type { SqliteTarget } from '../../settings/settings.ts';
import type { MigrationConnection, MigrationLock } from '../connection.ts';
import { MigrationError, reasonOf } from '../errors.ts';
import { sqliteAdvice } from './advice.ts';
import { readSqliteCatalog } from './catalog.ts';
import { addTextFunctions } from './copy/functions.ts';
import { fileLock } from './lock.ts';
import { replaySqlite } from './replay.ts';
import { sqliteRows } from './rows.ts';
import { query, runRevision, runStatement, runsAlone, type SqliteSession, tableNames } from './session.ts';
import { requireSqlite } from './version.ts';

export const ELSEWHERE = 'set PREFECT_DATABASE_PATH to another file';

/**
 * A connection of the migration's own to a file. One that isn't there yet is not made by looking at it, only by
 * migrating it.
 */
export async function connectSqlite(target: SqliteTarget): Promise<MigrationConnection> {
  const { file } = target;
  const place = `The SQLite database ${file}`;
  refuseMissing(target, place);
  let driver = existsSync(file) ? await patiently(target, async () => open(target, place)) : undefined;
  const opened = (): Driver => {
    driver ??= open(target, place);
    return driver;
  };
  const session = driverSession(opened, (attempt) => patiently(target, async () => attempt()));
  const lock = lockIn(dirname(file), fileLock(`${file}.migrate-lock`, place), place);
  return {
    chain: 'sqlite',
    place,
    file,
    elsewhere: ELSEWHERE,
    tableNames: async () => (existsSync(file) ? patiently(target, () => tableNames(session)) : []),
    catalog: () => readSqliteCatalog(session.all),
    replay: replaySqlite,
    query: (statement) => query(session, statement),
    run: (statement) => runStatement(session, statement),
    lock,
    async prepare() {
      // Under the lock, since the change of mode fails when it meets another process that is at the same.
      await patiently(target, async () => opened().pragma('journal_mode = WAL'));
    },
    revision: (run, work) => runRevision(session, run, work),
    transaction: (work) => session.transaction(work),
    runsAlone,
    rows: (hint) => sqliteRows(session, hint),
    // SQLite waits without a word, and doesn't know for whom.
    reportTo: () => {},
    blocker: () => `another program that uses ${file}`,
    isLockTimeout: isBusy,
    advice: sqliteAdvice,
    async close() {
      await lock.release();
      driver?.close();
    },
  };
}

/** A folder that isn't there is an empty database's as good as any, until something is to be written. */
function lockIn(folder: string, lock: MigrationLock, place: string): MigrationLock {
  return {
    ...lock,
    async tryAcquire() {
      if (existsSync(folder)) return lock.tryAcquire();
      throw new MigrationError('unreachable', `${place} can't be made: create the folder ${folder} first.`);
    },
  };
}

function refuseMissing({ file, create }: SqliteTarget, place: string): void {
  if (!create && !existsSync(file)) {
    const message = `${place} isn't there, and its URL says not to create it: ${ELSEWHERE}.`;
    throw new MigrationError('unreachable', message);
  }
}

/** 64 MB: the rows of a large table are in no order of their ids, so a rebuild goes all over the index of its key. */
const MIGRATION_CACHE = 'cache_size = -64000';

function open({ file, timeout }: SqliteTarget, place: string): Driver {
  let driver: Driver | undefined;
  try {
    driver = new SqliteDriver(file, { timeout: Math.min(BUSY_MS, timeout * 1000) });
    driver.pragma(MIGRATION_CACHE);
    addTextFunctions(driver);
    driver.prepare('select count(*) from sqlite_master').get();
    requireSqlite(driver.prepare<[], string>('select sqlite_version()').pluck().get()!);
    return driver;
  } catch (error) {
    driver?.close();
    if (error instanceof MigrationError) throw error;
    throw openingError(error, file, place);
  }
}

function openingError(error: unknown, file: string, place: string): MigrationError {
  const code = codeOf(error);
  if (isBusy(error)) {
    const message = `${place} is locked by another program: stop it, then start again.`;
    return new MigrationError('locked', message, { cause: error });
  }
  if (code === 'SQLITE_NOTADB') {
    const message = `The file ${file} isn't an SQLite database: ${ELSEWHERE}, or move this one away.`;
    return new MigrationError('not_ours', message, { cause: error });
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    const message = `${place} is damaged (${reasonOf(error)}): restore it from a backup.`;
    return new MigrationError('changed', message, { cause: error });
  }
  const message = `${place} can't be opened (${reasonOf(error)}): make sure that this user may write the file and its folder.`;
  return new MigrationError('unreachable', message, { cause: error });
}

/** So long SQLite itself waits for a lock, and nothing else happens in the process; then others have their turn. */
const BUSY_MS = 25;

/** Batches of a data step run the same few statements a thousand times each. */
const STATEMENTS_KEPT = 50;

/** Asks whether anyone else has the file open, which is to be answered now. */
export const ALONE = 'pragma journal_mode = delete';

type Patience = <T>(attempt: () => T) => Promise<T>;

function driverSession(opened: () => Driver, patiently: Patience): SqliteSession {
  const kept = new Map<string, Statement>();
  const prepare = (text: string): Statement => {
    let statement = kept.get(text);
    if (statement) return statement;
    if (kept.size >= STATEMENTS_KEPT) kept.clear();
    statement = opened().prepare(text);
    kept.set(text, statement);
    return statement;
  };
  // Within a transaction all locks are held.
  const attempt = async <T>(work: () => T): Promise<T> => (opened().inTransaction ? work() : patiently(work));
  return {
    async run(text) {
      await attempt(() => opened().exec(text));
    },
    all: async (text, params = []) => {
      const work = () => {
        const statement = prepare(text);
        if (statement.reader) return statement.all(params);
        statement.run(params);
        return [];
      };
      return text === ALONE ? work() : attempt(work);
    },
    async transaction(work) {
      const driver = opened();
      await patiently(() => driver.exec('begin immediate'));
      try {
        const result = await work();
        // A file that can't be in WAL mode waits here for those who read.
        await patiently(() => driver.exec('commit'));
        return result;
      } catch (error) {
        // Some errors (a full disk) end the transaction themselves.
        if (driver.inTransaction) driver.exec('rollback');
        throw error;
      }
    },
  };
}

/** In rollback-journal mode a process that is just switching to WAL or recovering is not waited for by SQLite itself. */
async function patiently<T>({ timeout }: SqliteTarget, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + timeout * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const busy = isBusy(error) || (error instanceof MigrationError && error.kind === 'locked');
      if (!busy || Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}
