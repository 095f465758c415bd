/** What our own planners write for the known changes: only hazards that lie in the change itself, none in how it is written. */

import { describe, expect, test } from 'vitest';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import { base, cases } from './evolution-cases.ts';
import { lintChains, rulesOf } from './lint-chain.ts';
import { modulesOf } from './model/model.ts';

const IN_THE_CHANGE = [
  'drop-column',
  'drop-table',
  'rename',
  'rewrite',
  'rebuild',
  'unique',
  'no-value',
  'not-null',
];

describe.each([sqliteGenerator, pgGenerator])('$engine', (generator) => {
  test.each(cases.map((one) => [one.what, one] as const))(
    '%s',
    async (_what, { from = base, to, renames = [] }) => {
      const { chain } = generator;
      const empty = await generator.snapshot({});
      const [before, after] = [
        await generator.snapshot(modulesOf(from, chain)),
        await generator.snapshot(modulesOf(to, chain)),
      ];
      const renamed = generator.rename(before, renames);
      const up = [
        ...renamed.statements,
        ...(await generator.statements(renamed.snapshot, after, { online: true })),
      ];
      const report = lintChains({
        [chain]: [
          { up: await generator.statements(empty, before), snapshot: before },
          { up, snapshot: after, transactional: chain === 'sqlite' },
        ],
      });
      expect(rulesOf({ ...report, revisions: report.revisions.slice(0, 1) })).toEqual([]);
      const others = rulesOf(report).filter((rule) => !IN_THE_CHANGE.includes(rule.split(' ')[0]!));
      expect(others.map((rule) => [rule, up])).toEqual([]);
    },
  );
});
