import { twinName } from '../chain/folder-name.ts';
import type { ChainName } from '../chain/revisions.ts';
import { MigrationError } from '../errors.ts';
import type { ChainFiles, RevisionFiles } from '../repository/files.ts';

/** The twins of one step of both chains. */
export type Twins = Readonly<Record<ChainName, RevisionFiles>>;

export interface NewOrder {
  /** From the first revision to the head, in one line. */
  readonly line: readonly Twins[];
  /** How many of them stay as they are; the others follow. */
  readonly kept: number;
}

export interface OrderOptions {
  /** Of either chain: what comes with it goes last. */
  readonly last?: string;
  /** Names of the folders that the main branch has, which stay where they are. */
  readonly landed: ReadonlySet<string>;
}

/** Puts the branches of two chains behind one another, the landed one first, then by time. */
export function newOrder(chains: readonly ChainFiles[], options: OrderOptions): NewOrder {
  const twins = twinsOf(chains);
  const line: Twins[] = [];
  const children = (id: string | null) => twins.filter(({ sqlite }) => sqlite.revision.parent === id);
  const add = (siblings: Twins[]) => {
    const sorted = siblings.map((root) => ({ root, rank: rankOf(root, children, options) }));
    sorted.sort((a, b) => (a.rank < b.rank ? -1 : 1));
    for (const { root } of sorted) {
      line.push(root);
      add(children(root.sqlite.revision.id));
    }
  };
  const ids = new Set(twins.map(({ sqlite }) => sqlite.revision.id));
  add(children(null));
  // Those whose parent isn't there any more come last.
  add(twins.filter(({ sqlite }) => sqlite.revision.parent !== null && !ids.has(sqlite.revision.parent)));
  if (line.length < twins.length) {
    throw new MigrationError(
      'order',
      'The revisions go round in a circle: bring back their up.sql with git checkout.',
    );
  }
  return { line, kept: firstOutOfPlace(line) };
}

/** Sorts siblings: one that has landed before one that hasn't, what goes last behind both, else the earlier one first. */
function rankOf(root: Twins, children: (id: string) => Twins[], { last, landed }: OrderOptions): string {
  const { sqlite, pg } = root;
  const isLast = last !== undefined && contains(root, last, children) ? 1 : 0;
  const hasLanded = landed.has(sqlite.revision.folder) || landed.has(pg.revision.folder) ? 0 : 1;
  return `${isLast} ${hasLanded} ${sqlite.timestamp} ${sqlite.revision.id}`;
}

function contains(twins: Twins, id: string, children: (id: string) => Twins[]): boolean {
  const { sqlite, pg } = twins;
  if (sqlite.revision.id === id || pg.revision.id === id) return true;
  return children(sqlite.revision.id).some((child) => contains(child, id, children));
}

function firstOutOfPlace(line: readonly Twins[]): number {
  const at = line.findIndex((twins, index) =>
    (['sqlite', 'pg'] as const).some((chain) => isOutOfPlace(twins[chain], line[index - 1]?.[chain])),
  );
  return at < 0 ? line.length : at;
}

function isOutOfPlace(
  { revision, timestamp, snapshot, data }: RevisionFiles,
  before?: RevisionFiles,
): boolean {
  if (data !== undefined && data !== twinName(revision.folder)) return true;
  if (!before) return revision.parent !== null;
  return (
    revision.parent !== before.revision.id ||
    timestamp <= before.timestamp ||
    snapshot?.prevId !== before.snapshot?.id
  );
}

/** @throws MigrationError if one of a pair is missing or can't be read: then nothing can be moved. */
function twinsOf([one, other]: readonly ChainFiles[]): Twins[] {
  const [sqlite, pg] = one!.chain === 'sqlite' ? [one!, other!] : [other!, one!];
  const [unreadable] = [...sqlite.unreadable, ...pg.unreadable];
  if (unreadable)
    throw new MigrationError('chain', `${unreadable.reason}, then run npm run migrations:rebase.`);
  const keyOf = ({ revision }: RevisionFiles) => twinName(revision.folder);
  const twins = new Map(pg.revisions.map((files) => [keyOf(files), files]));
  const pairs = sqlite.revisions.map((files) => {
    const twin = twins.get(keyOf(files));
    if (!twin) throw alone(files);
    twins.delete(keyOf(files));
    return { sqlite: files, pg: twin };
  });
  for (const files of twins.values()) throw alone(files);
  return pairs;
}

function alone({ place }: RevisionFiles): MigrationError {
  return new MigrationError(
    'chain',
    `${place} has no twin: run npm run generate:check to see what is missing.`,
  );
}
