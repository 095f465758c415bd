import type { Logger } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressText } from '../../src/cli/migration/progress-text.ts';
import { createReporter } from '../../src/cli/migration/reporter.ts';
import type { MigrationProgress } from '../../src/migrations/progress.ts';

const STEP: MigrationProgress = {
  direction: 'up',
  revision: '9252e4ffa86d',
  name: 'backfill_labels',
  number: 2,
  of: 3,
  statement: 4,
  statements: 43,
  elapsedMs: 2000,
};
const rows = (done: number, elapsedMs: number): MigrationProgress => ({
  ...STEP,
  elapsedMs,
  rows: { done, total: 90_000 },
});

test('progress in words: rows, rate and time left', () => {
  const text = new ProgressText();
  expect(text.of(STEP)).toBe('applying 2 of 3: 9252e4ffa86d (backfill_labels), statement 4 of 43, 2 s');
  expect(text.of(rows(1000, 3000))).toMatch(/1,000 of 90,000 rows$/);
  expect(text.of(rows(31_000, 6000))).toMatch(/31,000 of 90,000 rows, 10,000 rows\/s, 6 s left$/);
});

test('a step that was begun before is measured from where it goes on', () => {
  const text = new ProgressText();
  text.of(rows(80_000, 100));
  expect(text.of(rows(82_000, 2100))).toMatch(/1,000 rows\/s, 8 s left$/);
});

let log: { info: ReturnType<typeof vi.fn> };
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  log = { info: vi.fn() };
});
afterEach(() => {
  vi.useRealTimers();
});

function screen(isTTY: boolean) {
  let written = '';
  const terminal = {
    isTTY,
    columns: 60,
    write: (text: string) => {
      written += text;
      return true;
    },
  };
  const reporter = createReporter(log as unknown as Logger, terminal as unknown as typeof process.stderr);
  return { reporter, written: () => written };
}

test('on a terminal one line is written again and again, cut to its width, and gone before the next one', () => {
  const { reporter, written } = screen(true);
  reporter.progress?.({ ...STEP, elapsedMs: 500 });
  expect(written()).toBe('');
  reporter.progress?.(rows(1, 2000));
  vi.advanceTimersByTime(50);
  reporter.progress?.(rows(2, 2050));
  vi.advanceTimersByTime(60);
  reporter.progress?.(rows(3, 2110));
  reporter.line('applied');
  const line = 'applying 2 of 3: 9252e4ffa86d (backfill_labels), statement 4';
  expect(written()).toBe(`${line.slice(0, 59)}\r\x1b[K${line.slice(0, 59)}\r\x1b[K`);
  expect(log.info).toHaveBeenCalledExactlyOnceWith('applied');
});

test('in a log there is a line every few seconds', () => {
  const { reporter, written } = screen(false);
  for (let ms = 0; ms <= 20_000; ms += 100) {
    reporter.progress?.(rows(ms, ms));
    vi.advanceTimersByTime(100);
  }
  expect(log.info).toHaveBeenCalledTimes(4);
  expect(log.info.mock.calls[0]![1]).toContain('of 90,000 rows');
  expect(written()).toBe('');
});

test('what takes long is told less often', () => {
  const { reporter } = screen(false);
  for (let minute = 0; minute <= 120; minute++) {
    reporter.progress?.(rows(minute, minute * 60_000));
    vi.advanceTimersByTime(60_000);
  }
  expect(log.info.mock.calls.length).toBeGreaterThan(20);
  expect(log.info.mock.calls.length).toBeLessThan(50);
});
