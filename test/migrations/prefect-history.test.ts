import { describe, expect, it } from 'vitest';
import { dialect } from '../support/engine.ts';
import { startHistory } from './model/history.ts';
import type { Model } from './model/model.ts';
import { type Move, moves } from './prefect-history-moves.ts';
import { type Step, start, startRows, steps } from './prefect-history-steps.ts';

/** Prefect has had eight in all: five enumerations and three labels; the first one is there from the start. */
const KINDS: Record<Step['kind'], number> = { table: 10, enum: 7, batch: 10, index: 10 };

describe("Prefect's own history", () => {
  it('has enough of each kind', () => {
    for (const [kind, least] of Object.entries(KINDS)) {
      expect(steps.filter((step) => step.kind === kind).length, kind).toBeGreaterThanOrEqual(least);
    }
    expect(moves.length).toBeGreaterThanOrEqual(10);
  });

  it('is made again step by step, and undone', async () => {
    const history = await startHistory();
    const counts = async (model: Model): Promise<[unknown, number][]> => {
      const parts = Object.keys(model.tables).map(
        (name) => `select '${name}' as name, count(*) as n from ${name}`,
      );
      const rows = await history.rows(`${parts.join(' union all ')} order by 1`);
      return rows.map(({ name, n }) => [name, Number(n)]);
    };
    try {
      await history.generate(start);
      await history.up();
      await history.run(...startRows);
      const before: { facts: string[]; model: Model }[] = [];
      let model = start;
      for (const { what, change, renames, rows = [] } of steps) {
        before.push({ facts: await history.facts(), model });
        const kept = await counts(model);
        const next = change(model);
        expect((await history.generate(next, renames)).length, what).toBeGreaterThan(0);
        await history.up();
        expect(await history.facts(), what).toEqual(await history.built(next));
        await history.hold(next);
        expect(sum(await counts(next)), what).toBe(sum(kept));
        await history.run(...rows);
        model = next;
      }
      for (const [at, { facts, model: old }] of [...before.entries()].reverse()) {
        await history.down();
        // An extension stays, since other programs may have come to need it.
        const found = (await history.facts()).filter(
          (fact) => fact !== 'extension pg_trgm' || facts.includes(fact),
        );
        expect(found, `back before ${steps[at]!.what}`).toEqual(facts);
        expect((await counts(old)).find(([name]) => name === 'task_run')).toEqual(['task_run', 3]);
      }
    } finally {
      await history.dispose();
    }
  }, 240_000);

  it.each(moves)('moves $what, and back', async (move: Move) => {
    const history = await startHistory();
    const values = async (query: string) =>
      (await history.rows(query)).map(({ value }) =>
        dialect === 'sqlite' && /^[[{]/.test(String(value)) ? JSON.parse(String(value)) : value,
      );
    try {
      await history.generate(move.before);
      await history.up();
      await history.run(...move.rows);
      const [facts, original] = [await history.facts(), await values(move.source)];
      await history.generate(move.after, [], move.step);
      await history.generate(move.last);
      await history.up();
      expect(await history.facts()).toEqual(await history.built(move.last));
      expect(await values(move.moved)).toEqual(original);
      expect(original.filter((value) => value !== null).length).toBeGreaterThan(1);
      await history.down();
      await history.down();
      expect(await history.facts()).toEqual(facts);
      expect(await values(move.source)).toEqual(original);
    } finally {
      await history.dispose();
    }
  });
});

const sum = (rows: readonly (readonly [unknown, number])[]): number =>
  rows.reduce((all, [, n]) => all + n, 0);
