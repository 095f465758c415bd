import { MigrationError } from '../errors.ts';
import type { LedgerRow } from '../run/ledger.ts';
import { areTwins } from './folder-name.ts';
import type { Revision } from './revisions.ts';

/** What names of revisions are looked up in. */
export interface RevisionNames {
  /** The database's own chain in the code, from the first revision to the head. */
  readonly chain: readonly Revision[];
  /** The other engine's chain: an id of it means its twin. */
  readonly twins: readonly Revision[];
  /** What the database has applied, in order; revisions that the code doesn't know can be named, too. */
  readonly ledger: readonly Pick<LedgerRow, 'id' | 'name'>[];
}

const RELATIVE = /^([+-])(\d+)$/;

/**
 * The revision that `head`, `base`, `+N`, `-N` (from where the database is), an id or the beginning of one names. Null
 * is base.
 * @throws MigrationError when there is none, or more than one
 */
export function resolveRevision(spec: string, names: RevisionNames): string | null {
  const { chain, ledger } = names;
  const text = spec.trim().toLowerCase();
  if (text === 'base') return null;
  if (text === 'head' || text === 'heads') return chain.at(-1)?.id ?? null;
  const [, sign, count] = RELATIVE.exec(text) ?? [];
  if (sign) return relative(sign === '+' ? Number(count) : -Number(count), spec, names);
  if (text === 'current') return ledger.at(-1)?.id ?? null;
  return byPrefix(text, spec, names);
}

function relative(steps: number, spec: string, { chain, ledger }: RevisionNames): string | null {
  const applied = new Set(ledger.map(({ id }) => id));
  const line = [...ledger.map(({ id }) => id), ...chain.map(({ id }) => id).filter((id) => !applied.has(id))];
  const at = ledger.length - 1 + steps;
  if (at < -1) {
    const most = ledger.length === 0 ? '' : ` or at most -${ledger.length}`;
    throw unknown(
      `${spec} goes back further than base: the database has ${ledger.length} revisions applied, so say base${most}.`,
    );
  }
  if (at >= line.length) {
    throw unknown(
      `${spec} goes on further than the head: ${line.length - ledger.length} revisions are pending, so say head.`,
    );
  }
  return at === -1 ? null : line[at]!;
}

function byPrefix(text: string, spec: string, { chain, twins, ledger }: RevisionNames): string {
  const found = new Map<string, string>();
  for (const { id, slug } of chain) if (id.startsWith(text)) found.set(id, slug);
  for (const { id, name } of ledger) if (id.startsWith(text)) found.set(id, name);
  for (const twin of twins) {
    const own = twin.id.startsWith(text) ? chain.find((revision) => areTwins(revision, twin)) : undefined;
    if (own) found.set(own.id, own.slug);
  }
  const [first, second] = [...found];
  if (text === '' || !first) {
    throw unknown(
      `There is no revision ${spec === '' ? '""' : spec} in either chain or in the database: see prefect-server database history.`,
    );
  }
  if (!second) return first[0];
  const list = [...found].map(([id, name]) => `${id} (${name})`).join(', ');
  throw unknown(`${spec} could be any of ${list}: give more digits of the one that you mean.`);
}

const unknown = (message: string): MigrationError => new MigrationError('unknown_revision', message);
