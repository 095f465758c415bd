import { Command, environmentOf } from '../cli/process.ts';
import type { EmptyTarget } from '../support/engine.ts';

/** The server in a process of its own, on a database of the test's. */
export class Serving {
  readonly command: Command;
  /** Base of the API, ends with /api. */
  readonly url: string;

  private constructor(command: Command, url: string) {
    this.command = command;
    this.url = url;
  }

  /** Starts it on a free port and waits until it serves. */
  static async start(
    { target }: Pick<EmptyTarget, 'target'>,
    env: Record<string, string> = {},
  ): Promise<Serving> {
    const command = new Command(['start', '--port', '0'], { ...environmentOf(target), ...env });
    try {
      return new Serving(command, (await command.served()).url);
    } catch (error) {
      await command.remove();
      throw error;
    }
  }

  get socketUrl(): string {
    return this.url.replace('http', 'ws');
  }

  /** What it has logged about faults of its own. */
  get faults(): string[] {
    const faults = this.command.lines.filter(({ level }) => level === 'error' || level === 'fatal');
    return faults.map(({ msg, path, reason, err }) =>
      JSON.stringify({ msg, path, reason, err }).slice(0, 500),
    );
  }

  /** As the machine's own out-of-memory killer does it: nothing is flushed. */
  async kill(): Promise<void> {
    this.command.child.kill('SIGKILL');
    await this.command.ended;
  }

  /** Ends it as a supervisor does. */
  async terminate(): Promise<{ code: number | null; seconds: number }> {
    const before = performance.now();
    this.command.child.kill('SIGTERM');
    const { code } = await this.command.ended;
    return { code, seconds: (performance.now() - before) / 1000 };
  }

  remove(): Promise<void> {
    return this.command.remove();
  }
}
