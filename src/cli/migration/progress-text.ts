import type { MigrationProgress } from '../../migrations/progress.ts';

/** A rate that is told before is mostly noise. */
const MEASURE_MS = 1_000;

/** Progress in words. It remembers where a step's rows began, for their rate and the time left. */
export class ProgressText {
  private counted = '';
  private begun: { rows: number; ms: number } | null = null;

  of({
    direction,
    revision,
    name,
    number,
    of,
    statement,
    statements,
    rows,
    elapsedMs,
  }: MigrationProgress): string {
    // A copy's rows are those of all tables together.
    const counted = direction === 'copy' ? name : revision;
    if (counted !== this.counted || !rows) this.begun = null;
    this.counted = counted;
    const parts =
      direction === 'copy'
        ? [`${name} ${number} of ${of}: ${revision}`]
        : [
            `${direction === 'up' ? 'applying' : 'reverting'} ${number} of ${of}: ${revision} (${name})`,
            `statement ${statement} of ${statements}`,
          ];
    if (!rows) return [...parts, `${Math.round(elapsedMs / 1000)} s`].join(', ');
    this.begun ??= { rows: rows.done, ms: elapsedMs };
    parts.push(`${count(rows.done)} of ${count(rows.total)} rows`);
    const [done, ms] = [rows.done - this.begun.rows, elapsedMs - this.begun.ms];
    if (ms < MEASURE_MS || done <= 0) return parts.join(', ');
    const rate = (done / ms) * 1000;
    const left = Math.max(0, rows.total - rows.done) / rate;
    return [...parts, `${count(Math.round(rate))} rows/s`, `${timeLeft(left)} left`].join(', ');
  }
}

const count = (number: number): string => number.toLocaleString('en-US');

function timeLeft(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
