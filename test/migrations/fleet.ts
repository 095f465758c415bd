import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { Child } from './child.ts';

/** Processes that start at once on one database after the other: what takes long is to start a process, not to migrate. */
export class Fleet {
  readonly children: Child[];

  constructor(count: number, folder: string, targets: readonly DatabaseTarget[]) {
    this.children = targets[0]
      ? Array.from({ length: count }, () => new Child({ target: targets[0]!, folder, rounds: [...targets] }))
      : [];
  }

  /** Lets all of them loose on the next database, and gives how each ended: `done 2`, or the sentence of its failure. */
  async round(number: number): Promise<string[]> {
    await Promise.all(this.children.map((child) => child.says(`ready ${number}`)));
    for (const child of this.children) child.go();
    await Promise.all(this.children.map((child) => child.says(`end ${number}`)));
    return this.children.map(({ lines }) => {
      const at = lines.indexOf(`end ${number}`);
      return at > 0 ? lines[at - 1]! : `it died: ${lines.join('; ')}`;
    });
  }

  async end(): Promise<void> {
    for (const child of this.children) if (child.process.exitCode === null) await child.kill();
  }
}
