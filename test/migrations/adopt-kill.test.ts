import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adopt } from '../../src/migrations/adopt/adopt.ts';
import { giveBack } from '../../src/migrations/adopt/give-back.ts';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, dialect, type EmptyTarget, runFolder, uniqueName } from '../support/engine.ts';
import type { AdoptTask } from './adopt-process.ts';
import { rows, tables } from './inspect.ts';
import { copyOf, stateOf } from './killing.ts';
import { createPrefects } from './prefects.ts';
import { bundleProcess } from './process-bundle.ts';

const script = await bundleProcess('adopt-process');
/** Enough to be on both sides of Prefect's revision: each further one is as any upgrade and downgrade has it. */
const folder = firstOf(chainFolder(dialect === 'sqlite' ? 'sqlite' : 'pg'), 2);
const options = { folder, reporter: { line() {} }, backup: false } as const;

function firstOf(chain: string, count: number): string {
  const folder = join(runFolder(), uniqueName('chain'));
  for (const { folder: name } of readChain(chain).slice(0, count))
    cpSync(join(chain, name), join(folder, name), { recursive: true });
  return folder;
}

async function runProcess(task: AdoptTask): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [script, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stdin.end('go\n');
  const [code] = await once(child, 'close');
  return { code, output };
}

/** All that either way may leave, and what Prefect goes by. */
async function endOf(target: DatabaseTarget): Promise<unknown> {
  return { ...((await stateOf(target, folder)) as object), alembic: await alembicOf(target) };
}

async function alembicOf(target: DatabaseTarget): Promise<unknown> {
  return (await tables(target)).includes('alembic_version')
    ? rows(target, 'select * from alembic_version')
    : [];
}

/** Kills it at each moment of each commit on a copy, and lets a second run finish; gives how often that was. */
async function killEverywhere(from: DatabaseTarget, back: boolean): Promise<number> {
  const finish = (target: DatabaseTarget) => (back ? giveBack(target, options) : adopt(target, options));
  const attempt = async (killCommit: number) => {
    const { target, dispose } = await copyOf(from);
    try {
      const { code, output } = await runProcess({ target, back, folder, killCommit });
      if (code !== null) expect({ code, output }).toMatchObject({ code: 0 });
      await finish(target);
      return { killed: code === null, end: await endOf(target) };
    } finally {
      await dispose();
    }
  };
  const { end: expected } = await attempt(0);
  for (let killCommit = 1; ; killCommit += 3) {
    const attempts = await Promise.all([0, 1, 2].map((more) => attempt(killCommit + more)));
    for (const [more, { end }] of attempts.entries())
      expect({ killCommit: killCommit + more, end }).toEqual({
        killCommit: killCommit + more,
        end: expected,
      });
    if (!attempts[0]!.killed) return killCommit - 1;
  }
}

describe('killed with SIGKILL around any of its commits, the next run ends as if it never had been', () => {
  let prefects: EmptyTarget;
  let ours: EmptyTarget;
  beforeAll(async () => {
    [prefects, ours] = [await createPrefects(), await createEmptyTarget()];
    await upgrade(ours.target, options);
  });
  afterAll(async () => {
    await Promise.all([prefects.dispose(), ours.dispose()]);
  });

  test('taken over', { timeout: 300_000 }, async () => {
    expect(await killEverywhere(prefects.target, false)).toBeGreaterThanOrEqual(6);
  });

  test('given back', { timeout: 300_000 }, async () => {
    expect(await killEverywhere(ours.target, true)).toBeGreaterThanOrEqual(6);
  });
});
