/** The real Prefect server and ours, each on a database of the engine: every sequence is a test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServerDatabase } from '../oracle/database.ts';
import {
  type OracleOptions,
  type ServerProcess,
  startOracle,
  startOurs,
  WITHOUT_SERVICES,
} from '../oracle/server.ts';
import type { EngineName } from '../support/engine.ts';
import { explain, knownDifferences } from './known.ts';
import { type Found, play } from './play.ts';
import { fullName, type Sequence } from './sequence.ts';
import { groups } from './sequences/index.ts';
import { deploymentsWalk, tasksWalk } from './walks.ts';

const WALKS = { numRuns: 10 };

/** Prefect's own server on SQLite tells an event twice now and then when the machine is busy. */
const isOfEvents = ({ request, at }: Found): boolean =>
  request.startsWith('POST /events/filter') && /^body\.(events|total)/.test(at);

type Start = (options: OracleOptions) => Promise<ServerProcess>;

/** @param settings  of both servers */
export function differentialSuite(
  engine: EngineName,
  played = groups,
  settings: Record<string, string> = {},
): void {
  const urls = { oracle: '', ours: '' };
  const ends: (() => Promise<void>)[] = [];
  const needed = new Set<unknown>();

  async function startWith(start: Start): Promise<string> {
    const { database, dispose } = await createServerDatabase(engine);
    ends.unshift(dispose);
    const server = await start({ database, env: { ...WITHOUT_SERVICES, ...settings } });
    ends.unshift(() => server.stop());
    return server.url;
  }

  beforeAll(async () => {
    [urls.oracle, urls.ours] = await Promise.all([startWith(startOracle), startWith(startOurs)]);
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  const ofEngine = played.filter((group) => group.engine === undefined || group.engine === engine);
  describe.each(ofEngine)('$name', (group) => {
    async function surprisesOf(sequence: Sequence): Promise<Found[]> {
      const { differences } = await play(sequence, urls);
      const name = fullName(group, sequence);
      return differences.filter((found) => {
        const known = explain(name, found, engine);
        needed.add(known);
        return !known;
      });
    }

    test.each(group.sequences)('$name', async (sequence) => {
      let surprises = await surprisesOf(sequence);
      if (engine === 'sqlite' && surprises.length > 0 && surprises.every(isOfEvents)) {
        surprises = await surprisesOf(sequence);
      }
      expect(surprises.map(inWords).join('\n\n')).toBe('');
    });
  });

  if (played === groups) {
    test('runs of a deployment compete for its slots', () => deploymentsWalk(urls, WALKS));
    // Prefect on SQLite waits for itself there.
    if (engine === 'postgres') test('tasks compete for the slots of tags', () => tasksWalk(urls, WALKS));
  }

  test('every known difference is still one', () => {
    const names = ofEngine.flatMap((group) => group.sequences.map((sequence) => fullName(group, sequence)));
    const unneeded = knownDifferences
      .filter((known) => known.engine === undefined || known.engine === engine)
      .filter((known) => names.some((name) => known.sequence.test(name)) && !needed.has(known));
    expect(unneeded.map((known) => known.reason)).toEqual([]);
  });
}

export function inWords({ step, request, sent, at, why, oracle, ours }: Found): string {
  return `step ${step}: ${request} ${sent.slice(0, 300)}\n  ${at} ${why}\n    Prefect ${oracle}\n    ours    ${ours}`;
}
