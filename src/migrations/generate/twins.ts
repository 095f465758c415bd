/** The pairs of revisions that both chains consist of. */

import { areTwins } from '../chain/folder-name.ts';
import type { ChainName } from '../chain/revisions.ts';
import { MigrationError } from '../errors.ts';
import {
  type ChainFiles,
  type ChainSource,
  lineOf,
  type RevisionFiles,
  readFiles,
} from '../repository/files.ts';
import type { PhaseKind } from './phases/phases.ts';
import { timestampAfter } from './revision-text.ts';
import { CHAINS, type SnapshotPair } from './snapshots.ts';

export interface Twin {
  readonly timestamp: string;
  readonly slug: string;
  readonly revisions: Readonly<Record<ChainName, RevisionFiles>>;
  readonly snapshots: SnapshotPair;
}

export type Sources = Readonly<Record<ChainName, ChainSource>>;

export function sourcesOf(chains: readonly ChainSource[]): Sources {
  const named = (name: ChainName) => chains.find(({ generator }) => generator.chain === name);
  const [sqlite, pg] = CHAINS.map(named);
  if (sqlite && pg) return { sqlite, pg };
  throw new MigrationError('chain', 'Revisions come in pairs: give the chains of both dialects.');
}

/**
 * From the first pair to the newest.
 * @throws MigrationError if the chains aren't whole, as after a write that broke off or a merge
 */
export function readTwins(sources: Sources): Twin[] {
  const [sqlite, pg] = [lineIn(readFiles(sources.sqlite)), lineIn(readFiles(sources.pg))];
  return Array.from({ length: Math.max(sqlite.length, pg.length) }, (_, at) => {
    const [one, other] = [sqlite[at], pg[at]];
    if (one && other && areTwins(one.revision, other.revision)) return twinOf(one, other);
    const lone = !other || (one && one.timestamp < other.timestamp) ? one! : other;
    throw new MigrationError(
      'chain',
      `${lone.place} has no twin on the other chain: bring the missing folder back with git, or remove this one, ` +
        'its line in drizzle/revisions.lock and its entry in the notes.',
    );
  });
}

function twinOf(sqlite: RevisionFiles, pg: RevisionFiles): Twin {
  const broken = [sqlite, pg].find(({ snapshot }) => !snapshot);
  if (broken) {
    throw new MigrationError(
      'chain',
      `${broken.place}/snapshot.json is missing or can't be read: bring it back with git checkout -- ${broken.place}.`,
    );
  }
  return {
    timestamp: sqlite.timestamp,
    slug: sqlite.revision.slug,
    revisions: { sqlite, pg },
    snapshots: { sqlite: sqlite.snapshot!, pg: pg.snapshot! },
  };
}

function lineIn({ revisions, unreadable, engine }: ChainFiles): RevisionFiles[] {
  const [first] = unreadable;
  if (first) {
    throw new MigrationError(
      'chain',
      `${first.place} isn't a whole revision (${first.reason}): bring it back with git, or remove it.`,
    );
  }
  const line = lineOf(revisions);
  if (line.length === revisions.length) return line;
  const parents = new Set(revisions.map(({ revision }) => revision.parent));
  const heads = revisions.filter(({ revision }) => !parents.has(revision.id));
  if (heads.length > 1) {
    throw new MigrationError(
      'chain',
      `The chain of ${engine} has more than one head (${heads.map(({ place }) => place).join(' and ')}): ` +
        'put one behind the other first, with npm run migrations:rebase.',
    );
  }
  const stray = revisions.find((one) => !line.includes(one))!;
  throw new MigrationError(
    'chain',
    `${stray.place} doesn't follow the other revisions (its header says "Revises: ${stray.revision.parent ?? 'base'}"): ` +
      'run npm run generate:check, which says what is wrong.',
  );
}

const SUFFIX: Readonly<Record<PhaseKind, string>> = { values: '_values', main: '', online: '_online' };

export function slugOfPhase(slug: string, kind: PhaseKind, isOnly: boolean): string {
  return isOnly ? slug : slug + SUFFIX[kind];
}

export interface CommandPair {
  readonly twin: Twin;
  readonly kind: PhaseKind;
}

export interface Command {
  /** Without the endings of the phases. */
  readonly slug: string;
  readonly pairs: readonly CommandPair[];
}

/**
 * The pairs that the newest command made: their slugs are one and the same but for the phase at its end, in the
 * order of phases, and their timestamps a second apart, as nothing else makes them.
 */
export function newestCommand(twins: readonly Twin[]): Command | undefined {
  const newest = twins.at(-1);
  if (!newest) return undefined;
  const { slug } = newest;
  const candidates = [
    slug,
    ...['_online', '_values'].flatMap((end) => (slug.endsWith(end) ? [slug.slice(0, -end.length)] : [])),
  ];
  const commands = candidates.map((base) => ({ slug: base, pairs: pairsOf(base, twins) }));
  const longest = commands.reduce((one, other) => (other.pairs.length > one.pairs.length ? other : one));
  if (longest.pairs.length > 1) return longest;
  return { slug, pairs: [{ twin: newest, kind: kindOfLone(newest) }] };
}

function pairsOf(base: string, twins: readonly Twin[]): CommandPair[] {
  const kinds = ['online', 'main', 'values'] as const;
  const pairs: CommandPair[] = [];
  for (const kind of kinds) {
    const twin = twins.at(-1 - pairs.length);
    if (!twin || twin.slug !== slugOfPhase(base, kind, false)) continue;
    const next = pairs[0]?.twin.timestamp;
    if (next && timestampAfter(new Date(0), [twin.timestamp]) !== next) break;
    pairs.unshift({ twin, kind });
  }
  return pairs;
}

const kindOfLone = ({ revisions }: Twin): PhaseKind =>
  revisions.pg.revision.transactional ? 'main' : 'online';
