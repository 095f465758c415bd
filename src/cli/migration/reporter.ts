import type { Logger } from 'pino';
import type { MigrationProgress, MigrationReporter } from '../../migrations/progress.ts';
import { ProgressText } from './progress-text.ts';

/** A step that is done sooner needs no line of its own. */
const FIRST_MS = 1_000;
const LOG_EVERY_MS = 5_000;
/** What has taken an hour is no news every five seconds. */
const LOG_EVERY_SHARE = 0.1;
const DRAW_EVERY_MS = 100;

/** Says how far a migration is: on a terminal in one line that is written again and again, elsewhere in lines of the log. */
export function createReporter(log: Logger, terminal = process.stderr): MigrationReporter {
  return terminal.isTTY ? new TerminalReporter(log, terminal) : new LogReporter(log);
}

/** The same in a process that does something else meanwhile: a revision that is done soon has one line, when it is done. */
export function createPatientReporter(log: Logger): Required<MigrationReporter> {
  const reporter = createReporter(log);
  let timer: NodeJS.Timeout | undefined;
  return {
    begin(text) {
      clearTimeout(timer);
      timer = setTimeout(() => reporter.line(text), FIRST_MS);
      timer.unref();
    },
    line(text) {
      clearTimeout(timer);
      reporter.line(text);
    },
    progress: (progress) => reporter.progress?.(progress),
  };
}

class LogReporter implements MigrationReporter {
  private readonly log: Logger;
  private readonly text = new ProgressText();
  private sayAt = performance.now() + LOG_EVERY_MS;

  constructor(log: Logger) {
    this.log = log;
  }

  line(text: string): void {
    this.log.info(text);
    this.sayAt = performance.now() + LOG_EVERY_MS;
  }

  progress(progress: MigrationProgress): void {
    const text = this.text.of(progress);
    if (performance.now() < this.sayAt) return;
    this.sayAt = performance.now() + Math.max(LOG_EVERY_MS, progress.elapsedMs * LOG_EVERY_SHARE);
    this.log.info({ migration: progress }, text);
  }
}

class TerminalReporter implements MigrationReporter {
  private readonly log: Logger;
  private readonly terminal: Pick<NodeJS.WriteStream, 'write' | 'columns'>;
  private readonly text = new ProgressText();
  private drawn = false;
  private drawAt = 0;

  constructor(log: Logger, terminal: Pick<NodeJS.WriteStream, 'write' | 'columns'>) {
    this.log = log;
    this.terminal = terminal;
  }

  line(text: string): void {
    this.clear();
    this.log.info(text);
  }

  progress(progress: MigrationProgress): void {
    const text = this.text.of(progress);
    const now = performance.now();
    if (progress.elapsedMs < FIRST_MS || now < this.drawAt) return;
    this.drawAt = now + DRAW_EVERY_MS;
    this.clear();
    this.terminal.write(text.slice(0, (this.terminal.columns || 80) - 1));
    this.drawn = true;
  }

  private clear(): void {
    if (this.drawn) this.terminal.write('\r\x1b[K');
    this.drawn = false;
  }
}
