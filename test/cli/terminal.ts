import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ourProgram } from '../support/program.ts';

/** The real command with a terminal for its input and output, as util-linux's `script` makes one. */
export class Terminal {
  private readonly folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;
  /** All that was shown. */
  shown = '';

  constructor(args: readonly string[], env: Record<string, string>) {
    const command = [process.execPath, ...ourProgram(), ...args].map(quoted).join(' ');
    this.child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], HOME: this.folder, SHELL: '/bin/sh', NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text) => {
      this.shown += text;
    });
    this.ended = once(this.child, 'close').then(([code]) => code);
  }

  /** Types a line as soon as this was shown. */
  async answer(question: string, line: string): Promise<void> {
    while (!this.shown.includes(question)) {
      if (this.child.exitCode !== null) throw new Error(`It ended without a question: ${this.shown}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.child.stdin!.write(`${line}\n`);
  }

  /** The exit code, when it has ended. */
  async end(): Promise<number | null> {
    const code = await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
