import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MigrationReporter, sayBegin } from '../../migrations/progress.ts';
import { CommandError } from '../failure.ts';
import type { ChildMessage } from './child.ts';
import type { Migration, MigrationOutcome } from './migrate.ts';

/** A failure as the other process had it: what the command ends with. */
class FailedAside extends Error {
  readonly kind: string;
  readonly exitCode: number;

  constructor({ message, code, exitCode }: Extract<ChildMessage, { kind: 'failed' }>) {
    super(message);
    this.kind = code;
    this.exitCode = exitCode;
  }
}

const killed = (by: string): CommandError =>
  new CommandError(
    'killed',
    `The process that brought the database up to date was ended from outside (${by}): start again, and it goes on.`,
  );

/**
 * Migrates in a process of its own: SQLite works on the thread that asks it, which would answer no probe meanwhile. The
 * signal kills it at once, in the middle of a statement if need be; SQLite rolls that back when the file is opened next.
 */
export function migrateAside(
  migration: Migration,
  reporter: MigrationReporter,
  signal: AbortSignal,
): Promise<MigrationOutcome> {
  const script = new URL(`./child${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(script), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    const kill = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    child.on('error', reject);
    child.on('exit', (code, by) => {
      signal.removeEventListener('abort', kill);
      // Ctrl-C comes to both processes, and to this one perhaps a moment later.
      setTimeout(() => reject(killed(by ?? `code ${code}`)), 100);
    });
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'begin') sayBegin(reporter, message.text);
      else if (message.kind === 'line') reporter.line(message.text);
      else if (message.kind === 'progress') reporter.progress?.(message.progress);
      else if (message.kind === 'done') resolve(message.outcome);
      else reject(new FailedAside(message));
    });
    child.send(migration);
  });
}
