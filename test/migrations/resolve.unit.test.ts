import { describe, expect, test } from 'vitest';
import { resolveRevision } from '../../src/migrations/chain/resolve.ts';
import type { Revision } from '../../src/migrations/chain/revisions.ts';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { dryRunSql } from '../../src/migrations/run/dry-run.ts';

const revision = (id: string, slug: string, time: string) =>
  ({ id, slug, folder: `2026_01_01_00000${time}_${id}_${slug}` }) as Revision;
const chain = [
  revision('abc111111111', 'one', '1'),
  revision('abd222222222', 'two', '2'),
  revision('333333333333', 'three', '3'),
];
const twins = [
  revision('f00000000001', 'one', '1'),
  revision('abe000000002', 'two', '2'),
  revision('f00000000003', 'three', '3'),
];
const unknown = { id: '999999999999', name: 'newer' };
const applied = (count: number) => chain.slice(0, count).map(({ id, slug }) => ({ id, name: slug }));
const resolve = (spec: string, ledger: { id: string; name: string }[] = []) =>
  resolveRevision(spec, { chain, twins, ledger });

describe('a revision is named', () => {
  test.each([
    ['head', 0, '333333333333'],
    ['base', 2, null],
    ['+1', 0, 'abc111111111'],
    ['+2', 1, '333333333333'],
    ['-1', 2, 'abc111111111'],
    ['-2', 2, null],
    ['+0', 2, 'abd222222222'],
    ['abc', 0, 'abc111111111'],
    ['ABD2', 0, 'abd222222222'],
    ['abe', 0, 'abd222222222'],
    ['f00000000003', 0, '333333333333'],
  ])('%s with %i applied', (spec, count, expected) => {
    expect(resolve(spec, applied(count))).toBe(expected);
  });

  test('also one that only the database knows', () => {
    expect(resolve('99', [...applied(3), unknown])).toBe(unknown.id);
    expect(resolve('-1', [...applied(3), unknown])).toBe('333333333333');
  });

  test.each([
    ['ab', /^ab could be any of abc111111111 \(one\), abd222222222 \(two\): give more digits/],
    ['77', /^There is no revision 77 /],
    ['', /^There is no revision "" /],
    ['-1', /goes back further than base: the database has 0 revisions applied, so say base\.$/],
    ['+4', /goes on further than the head: 3 revisions are pending/],
  ])('not by %s', (spec, message) => {
    expect(() => resolve(spec)).toThrow(message);
  });
});

describe('SQL without a database', () => {
  test('of the whole chain of either dialect, and back', () => {
    for (const name of ['sqlite', 'pg'] as const) {
      const ids = readChain(chainFolder(name)).map(({ id }) => id);
      const up = dryRunSql({ chain: name, direction: 'up' });
      expect([...up.matchAll(/^-- ([0-9a-f]{12}) \(/gm)].map(([, id]) => id)).toEqual(ids);
      expect(up).toContain('CREATE TABLE');
      const down = dryRunSql({ chain: name, direction: 'down', to: 'base' });
      expect([...down.matchAll(/^-- Back from ([0-9a-f]{12})/gm)].map(([, id]) => id)).toEqual(
        [...ids].reverse(),
      );
      expect(dryRunSql({ chain: name, direction: 'up', from: ids.at(-1)!, to: 'head' })).toBe('');
    }
  });

  test('not the wrong way round', () => {
    expect(() => dryRunSql({ chain: 'pg', direction: 'up', from: 'head', to: 'base' })).toThrow(
      /downgrade --dry-run/,
    );
  });
});
