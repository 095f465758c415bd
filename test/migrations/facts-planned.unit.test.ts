/** What our own planners write is of shapes that the facts know; on PostgreSQL what runs online harms nobody. */

import { describe, expect, test } from 'vitest';
import { schemaOf } from '../../src/migrations/facts/known-schema.ts';
import { walk } from '../../src/migrations/facts/revision-facts.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { cases } from './pg-cases.ts';

/** What no way of writing a change keeps from happening. */
const UNAVOIDABLE = ['drop-column', 'drop-table', 'rewrite', 'unique', 'no-value', 'rename', 'enum-value'];

describe.each([{ online: false }, { online: true }])('PostgreSQL, online: $online', ({ online }) => {
  test.each(cases.map((one) => [one.what, one] as const))('%s', async (_what, { from, to }) => {
    const [old, next] = [await pgGenerator.snapshot(from), await pgGenerator.snapshot(to)];
    for (const [before, after] of [
      [old, next],
      [next, old],
    ] as const) {
      const statements = await pgGenerator.statements(before, after, { online });
      const schema = schemaOf(before as unknown as Parameters<typeof schemaOf>[0]);
      const { facts } = walk('pg', { statements, transactional: !online }, schema);
      expect(facts.filter(({ kind }) => kind === 'unknown').map(({ text }) => text)).toEqual([]);
      if (!online) expect(facts.filter((one) => one.outsideTransaction)).toEqual([]);
      else
        expect(
          facts.flatMap(({ hazards, text }) =>
            hazards.filter(({ rule }) => !UNAVOIDABLE.includes(rule)).map(({ rule }) => `${rule}: ${text}`),
          ),
        ).toEqual([]);
      expect(facts.filter((one) => one.outsideTransaction && !one.rerunnable)).toEqual([]);
    }
  });
});
