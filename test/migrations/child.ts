import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Task } from './migrate-process.ts';
import { bundleProcess } from './process-bundle.ts';

const script = await bundleProcess();

/** A process that migrates when it is told to. */
export class Child {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  private readonly ended: Promise<unknown>;
  private onLine = (): void => {};

  /** `shell` is run before, in the same process: `ulimit -f 1`. */
  constructor(task: Task, shell = ':') {
    const command = [process.execPath, script, JSON.stringify(task)];
    this.process = spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], {
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
