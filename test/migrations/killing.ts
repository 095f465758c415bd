import { copyFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { kindHints } from '../../src/migrations/chain/kind-hints.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { reset } from '../../src/migrations/run/reset.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { readRows } from '../parity/rows.ts';
import { describeCatalog } from '../support/catalog-text.ts';
import {
  createDatabaseLike,
  createEmptyTarget,
  type EmptyTarget,
  postgresDatabase,
  uniqueName,
} from '../support/engine.ts';
import { Child } from './child.ts';
import { on } from './inspect.ts';
import type { Task } from './migrate-process.ts';
import { NO_MOMENT, tellingMoments } from './moments.ts';

/** A migration that is to be killed. */
export interface Leg {
  /** Where it begins; it stays as it is. */
  readonly from: DatabaseTarget;
  readonly folder: string;
  /** Where it ends: the head unless it is given. */
  readonly to?: string;
  /** Where it ends on the way down. */
  readonly down?: string;
  /** All is made anew. */
  readonly reset?: boolean;
  /** At which of its reports, beside every moment of every commit; all unless they are given. */
  readonly reports?: readonly number[];
}

const reporter = { line() {} };

/** A second database like it, which nobody may have open. */
export async function copyOf(target: DatabaseTarget): Promise<EmptyTarget> {
  if (target.backend === 'sqlite') {
    const copy = await createEmptyTarget();
    copyFileSync(target.file, (copy.target as { file: string }).file);
    return copy;
  }
  const name = uniqueName('copy');
  await createDatabaseLike(target.database, name);
  return postgresDatabase(name);
}

/** All that a migration may leave: the schema (also what is INVALID), every row, the ledger, and how far it thinks it is. */
export async function stateOf(target: DatabaseTarget, folder: string): Promise<unknown> {
  return on(target, async (connection) => {
    const tables = await connection.tableNames();
    const read = async (table: string, columns: string) =>
      tables.includes(table)
        ? await connection.query(sql.raw(`select ${columns} from ${table} order by 1`))
        : [];
    return {
      schema: describeCatalog(await connection.catalog()),
      content: await readRows(connection, kindHints(connection.chain, folder, '')),
      ledger: await read('_migrations', 'id, parent, checksum, down_sql'),
      left: await read('_migration_progress', 'revision'),
    };
  });
}

/**
 * Runs it on a copy again and again, killed each time at another place, and each time lets a second run finish it; every
 * end must be that of a run that nobody killed. Gives how often it was killed.
 */
export async function killEverywhere(leg: Leg): Promise<number> {
  const { state: expected, lines } = await attempt(leg, { killCommit: NO_MOMENT });
  const [, reports, moments] = /^counted (\d+) (\d+)$/.exec(lines.at(-1)!)!.map(Number) as [
    0,
    number,
    number,
  ];
  const kills: Kill[] = [
    ...(leg.reports ?? upTo(reports)).map((killAt) => ({ killAt })),
    ...tellingMoments(moments).map((killCommit) => ({ killCommit })),
  ];
  let killed = 0;
  const check = async (kill: Kill): Promise<void> => {
    const end = await attempt(leg, kill);
    expect({ kill, state: end.state }).toEqual({ kill, state: expected });
    if (end.killed) killed++;
  };
  await inPairs(kills, check);
  return killed;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

/** Two at a time: one starts while the other waits for its disk. */
async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 2) await Promise.all(items.slice(at, at + 2).map(work));
}

type Kill = Pick<Task, 'killAt' | 'killCommit'>;

async function attempt(
  leg: Leg,
  kill: Kill,
): Promise<{ killed: boolean; state: unknown; lines: readonly string[] }> {
  const { folder, to, down, reset: anew } = leg;
  const { target, dispose } = await copyOf(leg.from);
  try {
    const way = {
      ...(to !== undefined && { to }),
      ...(down !== undefined && { down }),
      ...(anew && { reset: true }),
    };
    const child = new Child({ target, folder, ...way, ...kill });
    child.go();
    const code = await child.exitCode();
    if (code !== null) expect({ code, lines: child.lines }).toMatchObject({ code: 0 });
    if (anew) await reset(target, { folder, reporter });
    else if (down !== undefined)
      await downgrade(target, { folder, to: down, acceptDataLoss: true, reporter });
    else await upgrade(target, { folder, ...(to !== undefined && { to }), reporter });
    return { killed: code === null, state: await stateOf(target, folder), lines: child.lines };
  } finally {
    await dispose();
  }
}
