import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { codeOf, isBusy } from '../../db/sqlite/errors.ts';
import type { MigrationConnection } from '../connection.ts';
import { ALONE } from './connection.ts';

const WAIT_MS = 500;

/**
 * Who else has the file open, in words. Leaving WAL mode asks for the file alone, and the next use sets it again; without
 * WAL a process that only has it open is seen where the system tells which files its processes have.
 */
export async function sqliteUsers(connection: MigrationConnection): Promise<string[]> {
  const { users, waiting } = processesWith(connection.file!);
  if (users.length > 0 || waiting) return users;
  const [before] = await connection.query<{ timeout: number }>(sql`pragma busy_timeout`);
  await connection.query(sql.raw(`pragma busy_timeout = ${WAIT_MS}`));
  try {
    const [row] = await connection.query<{ journal_mode: string }>(sql.raw(ALONE));
    return row?.journal_mode === 'delete' ? [] : [ANOTHER];
  } catch (error) {
    if (isBusy(error)) return [ANOTHER];
    // Who may not write the file can't ask, either, and what comes next says so in better words.
    if (/^SQLITE_(?:IOERR|READONLY)/.test(codeOf(error))) return [];
    throw error;
  } finally {
    await connection.query(sql.raw(`pragma busy_timeout = ${before?.timeout ?? 0}`));
  }
}

const ANOTHER = 'another process, which has the file open';

/** Of this machine, and of those that this user may look at; none where the system has no /proc. */
function processesWith(file: string): { users: string[]; waiting: boolean } {
  const real = realpathSync(file);
  const users: string[] = [];
  let waiting = false;
  for (const pid of list('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const open = list(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    if (!open.includes(real)) continue;
    // Who has the lock's file open, too, has come to migrate, and waits.
    if (open.includes(`${real}.migrate-lock`)) waiting = true;
    else users.push(`process ${pid} (${commandOf(pid)})`);
  }
  return { users, waiting };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 100);
  } catch {
    return 'just ending';
  }
}
