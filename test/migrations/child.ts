import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Task } from './migrate-process.ts';

const script = fileURLToPath(new URL('migrate-process.ts', import.meta.url));

/** A process that migrates when it is told to. */
export class Child {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  private readonly ended: Promise<unknown>;
  private onLine = (): void => {};

  constructor(task: Task) {
    this.process = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      this.lines.push(line);
      this.onLine();
    });
    this.ended = once(this.process, 'close');
  }

  /** Waits for a line that begins like this. */
  async says(start: string): Promise<void> {
    while (!this.lines.some((line) => line.startsWith(start))) {
      const next = new Promise<void>((resolve) => {
        this.onLine = resolve;
      });
      await Promise.race([next, this.ended]);
      if (this.process.exitCode !== null) break;
    }
  }

  go(): void {
    this.process.stdin!.write('go\n');
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  async exitCode(): Promise<number | null> {
    await this.ended;
    return this.process.exitCode;
  }
}
