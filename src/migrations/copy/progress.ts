import type { MigrationReporter } from '../progress.ts';
import type { Surveyed } from './engine.ts';
import type { CopyTable } from './tables.ts';

/** Counts the rows of all tables together, so that the time left is that of the whole step. */
export class CopyProgress {
  private readonly reporter: MigrationReporter;
  private readonly tables: readonly CopyTable[];
  private readonly surveyed: ReadonlyMap<string, Surveyed>;
  private readonly total: number;
  private readonly start = performance.now();
  private step = '';
  private current = '';
  private number = 0;
  private done = 0;

  constructor(
    reporter: MigrationReporter,
    tables: readonly CopyTable[],
    surveyed: ReadonlyMap<string, Surveyed>,
  ) {
    this.reporter = reporter;
    this.tables = tables;
    this.surveyed = surveyed;
    this.total = [...surveyed.values()].reduce((sum, { rows }) => sum + rows, 0);
  }

  rowsOf({ name }: CopyTable): number {
    return this.surveyed.get(name)?.rows ?? 0;
  }

  begin(step: string): void {
    this.step = step;
    this.number = 0;
    this.done = 0;
  }

  /** `done`: rows of it that need no more work. */
  table(table: CopyTable, done = 0): void {
    this.current = table.name;
    this.number = this.tables.indexOf(table) + 1;
    this.done += done;
  }

  rows(count: number): void {
    this.done += count;
    this.reporter.progress?.({
      ...{ direction: 'copy', name: this.step, revision: this.current },
      ...{ number: this.number, of: this.tables.length, statement: 0, statements: 0 },
      rows: { done: this.done, total: this.total },
      elapsedMs: performance.now() - this.start,
    });
  }
}
