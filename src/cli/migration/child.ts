/** The process that `aside.ts` starts: it migrates the database that it is sent, and says how that goes. */
import type { MigrationProgress } from '../../migrations/progress.ts';
import { describeFailure } from '../failure.ts';
import { type Migration, type MigrationOutcome, runMigration } from './migrate.ts';

export type ChildMessage =
  | { kind: 'begin'; text: string }
  | { kind: 'line'; text: string }
  | { kind: 'progress'; progress: MigrationProgress }
  | { kind: 'done'; outcome: MigrationOutcome }
  | { kind: 'failed'; message: string; code: string; exitCode: number };

const PROGRESS_EVERY_MS = 200;

const send = (message: ChildMessage, then?: () => void): void => {
  process.send?.(message, () => then?.());
};

function migrate(migration: Migration): Promise<MigrationOutcome> {
  let sentAt = 0;
  return runMigration(migration, {
    reporter: {
      begin: (text) => send({ kind: 'begin', text }),
      line: (text) => send({ kind: 'line', text }),
      progress(progress) {
        const now = performance.now();
        if (now < sentAt + PROGRESS_EVERY_MS) return;
        sentAt = now;
        send({ kind: 'progress', progress });
      },
    },
  }).then(({ applied, head, backup }) => ({ applied: applied.map(({ id }) => id), head, backup }));
}

// Nobody is left who would want it.
process.once('disconnect', () => process.exit(1));
process.once('message', (migration) => {
  const end = (): void => process.exit(0);
  migrate(migration as Migration).then(
    (outcome) => send({ kind: 'done', outcome }, end),
    (error: unknown) => {
      const { message, code, exitCode } = describeFailure(error);
      send({ kind: 'failed', message, code, exitCode }, end);
    },
  );
});
