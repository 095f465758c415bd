import { copyFileSync } from 'node:fs';
import { expect } from 'vitest';
import { describeCatalog } from '../../src/migrations/catalog/describe.ts';
import { kindHints } from '../../src/migrations/chain/kind-hints.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { upgrade } from '../../src/migrations/run/runner.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { readRows } from '../parity/rows.ts';
import {
  asSuperuser,
  createEmptyTarget,
  type EmptyTarget,
  postgresDatabase,
  uniqueName,
} from '../support/engine.ts';
import { Child } from './child.ts';
import { on, rows } from './inspect.ts';
import type { Task } from './migrate-process.ts';

/** A migration that is to be killed. */
export interface Leg {
  /** Where it begins; it stays as it is. */
  readonly from: DatabaseTarget;
  readonly folder: string;
  /** Where it ends: the head unless it is given. */
  readonly to?: string;
  /** Where it ends on the way down. */
  readonly down?: string;
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
  await asSuperuser((client) => client.query(`create database ${name} template ${target.database}`));
  return postgresDatabase(name);
}

/** All that a migration may leave: the schema (also what is INVALID), every row, the ledger, and how far it thinks it is. */
export async function stateOf(target: DatabaseTarget, folder: string): Promise<unknown> {
  const [schema, content] = await on(target, async (connection) => [
    describeCatalog(await connection.catalog()),
    await readRows(connection, kindHints(connection.chain, folder, '')),
  ]);
  const tables = await on(target, (connection) => connection.tableNames());
  const ledger = tables.includes('_migrations')
    ? await rows(target, 'select id, parent, checksum, down_sql from _migrations order by id')
    : [];
  const left = tables.includes('_migration_progress')
    ? await rows(target, 'select revision from _migration_progress')
    : [];
  return { schema, content, ledger, left };
}

/**
 * Runs it on a copy again and again, killed each time at another place, and each time lets a second run finish it; every
 * end must be that of a run that nobody killed. Gives how often it was killed.
 */
export async function killEverywhere(leg: Leg): Promise<number> {
  const { state: expected } = await attempt(leg, {});
  let killed = 0;
  const check = async (kill: Kill): Promise<boolean> => {
    const end = await attempt(leg, kill);
    expect({ kill, state: end.state }).toEqual({ kill, state: expected });
    if (end.killed) killed++;
    return end.killed;
  };
  for (const killAt of leg.reports ?? []) await check({ killAt });
  if (!leg.reports) await untilNone((killAt) => check({ killAt }));
  await untilNone((killCommit) => check({ killCommit }));
  return killed;
}

/** Three at a time, so all moments of a commit, until none of them is there any more. */
async function untilNone(check: (place: number) => Promise<boolean>): Promise<void> {
  for (let place = 1; ; place += 3) {
    const killed = await Promise.all([check(place), check(place + 1), check(place + 2)]);
    if (!killed[0]) return;
  }
}

type Kill = Pick<Task, 'killAt' | 'killCommit'>;

async function attempt(leg: Leg, kill: Kill): Promise<{ killed: boolean; state: unknown }> {
  const { folder, to, down } = leg;
  const { target, dispose } = await copyOf(leg.from);
  try {
    const way = { ...(to !== undefined && { to }), ...(down !== undefined && { down }) };
    const child = new Child({ target, folder, ...way, ...kill });
    child.go();
    const code = await child.exitCode();
    if (code !== null) expect({ code, lines: child.lines }).toMatchObject({ code: 0 });
    if (down !== undefined) await downgrade(target, { folder, to: down, acceptDataLoss: true, reporter });
    else await upgrade(target, { folder, ...(to !== undefined && { to }), reporter });
    return { killed: code === null, state: await stateOf(target, folder) };
  } finally {
    await dispose();
  }
}
