/**
 * The virtual environment with the real Prefect, in `.venv`. It is made when absent and brought up to date when
 * test/client/requirements.txt changed; the stamp in it holds that file's hash.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const VENV = join(ROOT, '.venv');
const REQUIREMENTS = join(ROOT, 'test/client/requirements.txt');
const STAMP = join(VENV, '.requirements.sha256');
const LOCK = join(ROOT, '.cache/venv.lock');
const STALE_LOCK_MS = 10 * 60_000;

export const PYTHON = join(VENV, 'bin/python');
export const PREFECT = join(VENV, 'bin/prefect');

/** Makes sure that `.venv` holds exactly the required packages. Several processes may call it at once. */
export async function ensureVenv(): Promise<void> {
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (isCurrent(wanted)) return;
  await withLock(() => {
    if (!isCurrent(wanted)) install(wanted);
  });
}

function isCurrent(wanted: string): boolean {
  return existsSync(PREFECT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
}

function install(wanted: string): void {
  rmSync(STAMP, { force: true });
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (!existsSync(PYTHON)) run(process.env['PYTHON'] ?? 'python3', ['-m', 'venv', VENV]);
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  writeFileSync(STAMP, wanted);
}

async function withLock(work: () => void): Promise<void> {
  mkdirSync(dirname(LOCK), { recursive: true });
  const since = Date.now();
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch {
      // A process that died while it installed leaves its lock; no installation takes as long as this.
      if (Date.now() - since > STALE_LOCK_MS) rmSync(LOCK, { recursive: true, force: true });
      await sleep(500);
    }
  }
  try {
    work();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}
