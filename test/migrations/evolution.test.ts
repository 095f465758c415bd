import { describe, expect, it } from 'vitest';
import { dialect } from '../support/engine.ts';
import { base, type Case, cases, seed } from './evolution-cases.ts';
import { chainName, type History, startHistory } from './model/history.ts';
import type { Model } from './model/model.ts';

async function withHistory(work: (history: History) => Promise<void>): Promise<void> {
  const history = await startHistory();
  try {
    await work(history);
  } finally {
    await history.dispose();
  }
}

/** The rows by table, without the columns that the change is about. */
async function contents(history: History, from: Model, to: Model): Promise<unknown> {
  const tables = Object.entries(from.tables).map(async ([name, table]) => {
    const columns = Object.keys(table.columns).filter(
      (column) => JSON.stringify(table.columns[column]) === JSON.stringify(to.tables[name]?.columns[column]),
    );
    if (columns.length === 0) return [];
    return history.rows(`select ${columns.join(', ')} from ${name} order by 1`);
  });
  return Promise.all(tables);
}

const counts = 'select count(*) as n from child union all select count(parent_id) from soft';
const numbers = (rows: Record<string, unknown>[]) => rows.map(({ n }) => Number(n));

describe('a change of a table that others refer to', () => {
  it.each(cases)('$what: leads to the new schema and back, and loses no row', async (one: Case) => {
    await withHistory(async (history) => {
      const { from = base, to, renames, rows } = one;
      await history.generate(from);
      await history.up();
      await history.run(...seed);
      const [factsBefore, rowsBefore] = [await history.facts(), await contents(history, from, to)];

      const revisions = await history.generate(to, renames);
      const text = revisions.flatMap(({ statements }) => statements).join('\n');
      await history.up();
      expect(await history.facts()).toEqual(await history.built(to));
      await history.hold(to);
      expect(numbers(await history.rows(counts))).toEqual([6, 3]);
      expect(await contents(history, from, to)).toEqual(rowsBefore);
      if (rows) expect(await history.rows(rows[0])).toEqual(rows[1]);
      checkShape(one, text);

      await history.down();
      expect(await history.facts()).toEqual(factsBefore);
      expect(numbers(await history.rows(counts))).toEqual([6, 3]);
      expect(await contents(history, from, to)).toEqual(rowsBefore);
    });
  });

  function checkShape({ rebuilds, says, exactly }: Case, text: string): void {
    if (exactly) expect(text.replaceAll(/^--.*\n|^\n/gm, '')).toBe(exactly);
    for (const pattern of says?.[chainName] ?? []) expect(text).toMatch(pattern);
    if (dialect !== 'sqlite') return;
    const rebuilt = [...text.matchAll(/^CREATE TABLE "__new_(\w+)"/gm)].map(([, table]) => table);
    expect(rebuilt).toEqual(rebuilds ? [rebuilds] : []);
  }
});
