import { afterEach, describe, expect, test } from 'vitest';
import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import { diagnose } from '../../src/migrations/doctor.ts';
import { createEmptyTarget, type EmptyTarget, type EngineName } from '../support/engine.ts';
import { createFilled, differences, reporter } from './copy-databases.ts';

const made: EmptyTarget[] = [];
const keep = (one: EmptyTarget): EmptyTarget['target'] => {
  made.push(one);
  return one.target;
};
afterEach(async () => {
  for (const one of made.splice(0)) await one.dispose();
});

const filled = async (engine: EngineName) => keep(await createFilled(engine));
const empty = async (engine: EngineName) => keep(await createEmptyTarget(engine));

describe('rows of every table', () => {
  test.each<[EngineName, EngineName]>([
    ['sqlite', 'postgres'],
    ['postgres', 'sqlite'],
    ['sqlite', 'sqlite'],
    ['postgres', 'postgres'],
  ])('from %s to %s', async (one, other) => {
    const [from, to] = [await filled(one), await empty(other)];
    const report = await copyDatabase(from, to, { reporter });
    expect(report).toMatchObject({ changedSince: [], left: [], replaced: [], resumedRows: 0 });
    expect(report.tables).toHaveLength(35);
    for (const { table, rows, checksum } of report.tables) {
      expect([table, rows]).toEqual([table, 4]);
      expect(checksum.target).toBe(checksum.source);
    }
    expect(await differences(from, to)).toEqual([]);
    expect(
      (await diagnose(to, { deep: true })).findings.filter(({ severity }) => severity !== 'notice'),
    ).toEqual([]);
  });
});
