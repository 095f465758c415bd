/** One turn of the scheduler: a thousand deployments without a run, beside a hundred thousand runs of others. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import pino from 'pino';
import { openDatabase } from '../src/db/open.ts';
import { countRows } from '../src/entities/list.ts';
import { migrate } from '../src/migrations/run/upgrade.ts';
import { scheduler } from '../src/services/scheduler.ts';
import { resolveSettings } from '../src/settings/settings.ts';
import { type Databases, targetOf } from './databases.ts';
import type { EngineName, Options } from './options.ts';
import { milliseconds, ratio } from './report.ts';
import { PLANS, seedPlans } from './seed/plans.ts';
import { environmentOf, startPrefect } from './servers.ts';

interface Turns {
  runs: number;
  first: number;
  second: number;
}

export async function benchPlanning(engine: EngineName, databases: Databases, { python }: Options) {
  const { deployments, planned } = PLANS;
  const ours = await planOurs(await databases.make(engine));
  console.log(
    `${deployments} deployments planned (${ours.runs} runs, beside ${planned.deployments * planned.runs}) in ${milliseconds(ours.first)}, nothing to plan ${milliseconds(ours.second)}`,
  );
  if (!python) return;
  const theirs = await planPrefect(python, databases, await databases.make(engine));
  console.log(
    `Prefect: ${theirs.runs} runs in ${milliseconds(theirs.first)}, nothing to plan ${milliseconds(theirs.second)}: times as quick ${ratio(theirs.first / ours.first)} and ${ratio(theirs.second / ours.second)}`,
  );
}

async function planOurs(url: string): Promise<Turns> {
  const target = targetOf(url);
  await migrate(target, { log: () => {} });
  await seedPlans(target, PLANS);
  const db = await openDatabase(target);
  const settings = resolveSettings({ env: {} });
  const context = { db, settings, log: pino({ level: 'silent' }), stopping: new AbortController().signal };
  const runs = () => countRows(db, db.tables.flow_run, undefined);
  const turn = async () => {
    const began = performance.now();
    await scheduler.turn(context);
    return performance.now() - began;
  };
  try {
    const before = await runs();
    return { first: await turn(), second: await turn(), runs: (await runs()) - before };
  } finally {
    await db.close();
  }
}

async function planPrefect(python: string, { home }: Databases, url: string): Promise<Turns> {
  const server = await startPrefect(python, join(home, 'python'), url);
  await server.stop();
  await seedPlans(targetOf(url), PLANS);
  const script = join(import.meta.dirname, 'planning.py');
  const env = environmentOf(join(home, 'python'), url);
  return JSON.parse(execFileSync(python, [script], { env, encoding: 'utf8' })) as Turns;
}
