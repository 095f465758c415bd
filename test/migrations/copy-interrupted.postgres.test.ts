import { describe, expect, test } from 'vitest';
import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { requireMigrated } from '../../src/migrations/run/upgrade.ts';
import { copyInProcess } from './copy-child.ts';
import { copiedTables, databasesOfTest, expectWhole, reporter, WAYS } from './copy-databases.ts';
import { rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';

const { empty, filled } = databasesOfTest();

describe.each(WAYS)('killed with SIGKILL on the way from %s to %s', (one, other) => {
  test('and run again, it ends as if it never had been', { timeout: 600_000 }, async () => {
    const from = await filled(one);
    // A report a table while checking, copying and comparing, and a line after the rows and after the indexes.
    const count = await copiedTables();
    const copied = 2 * count;
    expect(await copyInProcess({ from, to: await empty(other) })).toBe(3 * count + 2);
    const early = [20, count + 2, count + 20];
    for (const killAt of [...early, ...[0, 1, 2, 20].map((more) => copied + more), 3 * count + 2]) {
      const to = await empty(other);
      expect([killAt, await copyInProcess({ from, to, killAt })]).toEqual([killAt, null]);
      const begun = (await tables(to)).includes('_copy');
      if (begun) {
        const message = await refusal(requireMigrated(to), 'interrupted', 1);
        expect(message).toContain('is an unfinished copy of');
        const { findings } = await diagnose(to);
        expect(findings.map(({ code }) => code)).toEqual(['copy.unfinished']);
      }
      const { resumedRows } = await copyDatabase(from, to, { reporter });
      if (killAt > count + 2) expect([killAt, resumedRows > 0]).toEqual([killAt, true]);
      await expectWhole(from, to);
    }
  });
});

/** A reporter that lets something happen once, while the rows are being copied. */
function meanwhile(work: () => Promise<void>) {
  let done: Promise<void> | undefined;
  return {
    finished: () => done,
    reporter: {
      line() {},
      progress({ name }: { name: string }) {
        if (name === 'copying') done ??= work();
      },
    },
  };
}

describe.each(WAYS)('a source that is written to while it is copied from %s to %s', (one, other) => {
  const WRITE = "update flow set name = 'renamed' where id = (select id from flow order by id limit 1)";

  test('is told, and the second run copies what has changed', async () => {
    const [from, to] = [await filled(one), await empty(other)];
    const { reporter: writing, finished } = meanwhile(() => run(from, WRITE));
    const message = await refusal(copyDatabase(from, to, { reporter: writing }), 'source_changed', 1);
    await finished();
    expect(message).toContain('stop the servers that use it and run the same command again');
    const lines: string[] = [];
    const report = await copyDatabase(from, to, { reporter: { line: (line) => lines.push(line) } });
    expect(lines.filter((line) => line.includes('copied anew'))).toEqual([
      'flow is copied anew, since it is no longer as it was',
    ]);
    expect(report.resumedRows).toBe(((await copiedTables()) - 1) * 4);
    await expectWhole(from, to);
  });

  test('is of the moment at which it began, where that is said to be enough', async () => {
    const [from, to] = [await filled(one), await empty(other)];
    const { reporter: writing, finished } = meanwhile(() => run(from, WRITE));
    const { changedSince } = await copyDatabase(from, to, { reporter: writing, live: true });
    await finished();
    expect(changedSince).toContain('flow');
    expect(await rows(to, "select 1 from flow where name = 'renamed'")).toEqual([]);
    expect(await rows(from, "select 1 from flow where name = 'renamed'")).toHaveLength(1);
  });
});
