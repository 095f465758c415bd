/** What a command tells of the pairs that it made. */

import type { ChainName } from '../chain/revisions.ts';
import { splitAtBreakpoints } from '../chain/script.ts';
import type { RenderedPair } from './drafts.ts';
import type { PhaseKind } from './phases/phases.ts';
import { type SnapshotPair, tablesOf } from './snapshots.ts';

export interface GeneratedRevision {
  readonly chain: ChainName;
  readonly engine: string;
  readonly id: string;
  /** The id of the one that it follows. */
  readonly parent: string | null;
  /** Absolute. */
  readonly folder: string;
  readonly up: readonly string[];
  readonly down: readonly string[];
  /** Of the way down: `lossy (flow.labels)`. */
  readonly label: string;
  /** PostgreSQL's may run statement by statement. */
  readonly transactional: boolean;
}

export interface GeneratedPair {
  readonly kind: PhaseKind;
  readonly slug: string;
  readonly timestamp: string;
  readonly revisions: Readonly<Record<ChainName, GeneratedRevision>>;
  /** Absolute; null without one. */
  readonly dataFile: string | null;
}

export interface Generated {
  /** In the order in which they run; empty when nothing has changed. */
  readonly pairs: readonly GeneratedPair[];
  /** Folders of the revisions that these replace, absolute. */
  readonly replaced: readonly string[];
  /** What is likely to fail on a database with rows, a sentence each. */
  readonly warnings: readonly string[];
}

export function generatedPair(pair: RenderedPair): GeneratedPair {
  const revision = (chain: ChainName): GeneratedRevision => {
    const { engine, id, parent, folder, label } = pair.revisions[chain];
    const { upBody, downBody, upHeaders } = pair.sides[chain];
    const transactional = !upHeaders.includes('Transaction: none');
    const [up, down] = [splitAtBreakpoints(upBody), splitAtBreakpoints(downBody)];
    return { chain, engine, id, parent, folder, up, down, label, transactional };
  };
  const { kind, slug, timestamp, dataFile } = pair;
  return { kind, slug, timestamp, revisions: { sqlite: revision('sqlite'), pg: revision('pg') }, dataFile };
}

/** A column that comes without a value for the rows that are there; before and after are under the same names. */
export function warningsOf(before: SnapshotPair, after: SnapshotPair, withData: boolean): string[] {
  if (withData) return [];
  const old = tablesOf(before.pg);
  return [...tablesOf(after.pg).values()].flatMap(({ name: table, columns }) => {
    const kept = old.get(table);
    if (!kept) return [];
    return Object.values(columns)
      .filter(
        (column) => column.notNull && column.default === undefined && !column.generated && !column.identity,
      )
      .filter(({ name }) => !kept.columns[name])
      .map(
        ({ name }) =>
          `${table}.${name} is NOT NULL without a default, which fails where ${table} has rows: give it a default, or ` +
          'run npm run generate -- --amend --data, which adds it empty, lets a data step fill it and closes it then.',
      );
  });
}
