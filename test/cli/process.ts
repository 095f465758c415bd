import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { ourProgram } from '../support/program.ts';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface LogLine {
  level: string;
  time: string;
  msg: string;
  [field: string]: unknown;
}

/** The real command in a process of its own, in an empty folder that is its home too. */
export class Command {
  readonly folder = mkdtempSync(join(tmpdir(), 'cli-'));
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  private stdout = '';
  private stderr = '';

  /** `program` is that of another build, where it is given. */
  constructor(args: readonly string[], env: Record<string, string> = {}, program = ourProgram()) {
    this.child = spawn(process.execPath, [...program, ...args], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({
      code,
      signal,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  get lines(): LogLine[] {
    return parseLines(this.stderr);
  }

  /** The line with which the server says that it serves. */
  async served(): Promise<LogLine & { url: string }> {
    for (;;) {
      const line = this.lines.find((one) => 'url' in one);
      if (line) return line as LogLine & { url: string };
      if (this.child.exitCode !== null) throw new Error(`The server has ended: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Kills what still runs, and removes the folder. */
  async remove(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Stderr as lines of JSON: anything else on it fails here. */
export function parseLines(stderr: string): LogLine[] {
  const complete = stderr.slice(0, stderr.lastIndexOf('\n') + 1);
  return complete
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** How a user names this database. */
export function environmentOf(target: DatabaseTarget): Record<string, string> {
  if (target.backend === 'sqlite') return { PREFECT_DATABASE_PATH: target.file };
  const { host, port, user, database } = target;
  return {
    PREFECT_API_DATABASE_CONNECTION_URL: `postgresql+asyncpg://${user}@${host}:${port}/${database}?ssl=disable`,
  };
}
