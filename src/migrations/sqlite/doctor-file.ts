import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sql } from 'drizzle-orm';
import type { MigrationConnection } from '../connection.ts';
import { type Finding, finding } from '../doctor/findings.ts';

const MEBIBYTE = 1024 * 1024;
const LARGE_WAL = 64 * MEBIBYTE;

/** How the file is kept: what makes it slow or larger than it need be. */
export async function checkFile(connection: MigrationConnection): Promise<Finding[]> {
  const findings: Finding[] = [];
  const say = (given: Parameters<typeof finding>[0]) => findings.push(finding(given));
  const encoding = await pragma<string>(connection, 'encoding');
  if (encoding !== 'UTF-8') {
    const problem = `keeps its text as ${encoding}, which is slower and sorts otherwise`;
    const advice = 'copy it into a new file with prefect-server database copy';
    say({ code: 'engine.encoding', severity: 'warning', object: 'the database file', problem, advice });
  }
  const pageSize = await pragma<number>(connection, 'page_size');
  if (pageSize < 4096) {
    const problem = `has pages of ${pageSize} bytes, which makes it slow`;
    const advice = 'stop the server and run PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM';
    say({ code: 'file.pages', severity: 'notice', object: 'the database file', problem, advice });
  }
  const wal = await walSize(connection);
  if (wal > LARGE_WAL) {
    const problem = `has grown to ${Math.round(wal / MEBIBYTE)} MiB, which makes reading slow`;
    const fix = ['PRAGMA wal_checkpoint(TRUNCATE)'];
    const advice = `run ${fix[0]}; if it stays, look for a program that keeps a transaction open`;
    say({ code: 'file.wal', severity: 'notice', object: 'the WAL file', problem, advice, fix });
  }
  const [pages, free] = [
    await pragma<number>(connection, 'page_count'),
    await pragma<number>(connection, 'freelist_count'),
  ];
  if (free * pageSize > 256 * MEBIBYTE && free > pages / 2) {
    const problem = `is ${Math.round((free * pageSize) / MEBIBYTE)} MiB larger than its rows need`;
    const advice = 'run VACUUM while the server is stopped, with as much free space as the file has';
    say({ code: 'file.free', severity: 'notice', object: 'the database file', problem, advice });
  }
  return findings;
}

/** A copy that grows is touched all the time. */
const DEAD_AFTER_MS = 3_600_000;

/** Copies that were never finished, by a backup or a restore that was killed. */
export async function checkCopies(connection: MigrationConnection): Promise<Finding[]> {
  const file = await fileOf(connection);
  if (file === '') return [];
  const files = readdirSync(dirname(file))
    .filter(
      (name) =>
        name.startsWith(`${basename(file)}.`) && /\.(?:part|restoring)(?:-wal|-shm|-journal)?$/.test(name),
    )
    .map((name) => join(dirname(file), name))
    .filter(
      (name) =>
        Date.now() - (statSync(name, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > DEAD_AFTER_MS,
    );
  if (files.length === 0) return [];
  return [
    finding({
      ...{ code: 'file.leftover', severity: 'notice', object: `file ${files.join(', ')}`, files },
      problem: 'was left behind by a copy that was never finished',
      advice: `remove ${files.join(' and ')}`,
    }),
  ];
}

/** Empty for a database in memory. */
async function fileOf(connection: MigrationConnection): Promise<string> {
  const [row] = await connection.query<{ file: string }>(
    sql`select file from pragma_database_list where name = 'main'`,
  );
  return row?.file ?? '';
}

async function walSize(connection: MigrationConnection): Promise<number> {
  const file = await fileOf(connection);
  return file === '' ? 0 : (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);
}

async function pragma<T>(connection: MigrationConnection, name: string): Promise<T> {
  const [row] = await connection.query<Record<string, T>>(sql.raw(`pragma ${name}`));
  return Object.values(row ?? {})[0] as T;
}
