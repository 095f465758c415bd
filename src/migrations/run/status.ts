import type { DatabaseTarget } from '../../settings/settings.ts';
import { areTwins } from '../chain/folder-name.ts';
import { type ChainName, chainFolder, type DownLabel, type Revision, readChain } from '../chain/revisions.ts';
import { type ChainOptions, connected } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import type { LedgerRow } from './ledger.ts';
import { readChains, readState } from './state.ts';

export interface Current {
  /** The newest applied revision; null for base. */
  readonly head: LedgerRow | null;
  /** Applied, from the first one on. */
  readonly applied: readonly LedgerRow[];
  /** Of the code, not applied yet. */
  readonly pending: readonly Revision[];
  /** Applied, but not known to the code: a newer version made them. */
  readonly unknown: readonly LedgerRow[];
}

/** Where a database is. It is only read, and nothing is refused because of what its ledger says. */
export function current(
  on: DatabaseTarget | MigrationConnection,
  options: ChainOptions = {},
): Promise<Current> {
  return connected(on, async (connection) => {
    const { chain, ledger } = await readState(connection, options);
    const applied = new Set(ledger.map(({ id }) => id));
    const known = new Set(chain.map(({ id }) => id));
    return {
      head: ledger.at(-1) ?? null,
      applied: ledger,
      pending: chain.filter(({ id }) => !applied.has(id)),
      unknown: ledger.filter(({ id }) => !known.has(id)),
    };
  });
}

export interface HistoryEntry {
  readonly id: string;
  /** The same change's revision on the other chain, where the code knows it. */
  readonly twin: string | null;
  readonly parent: string | null;
  readonly name: string;
  readonly label: DownLabel;
  readonly breaking: boolean;
  readonly known: boolean;
  /** Null while it is pending. */
  readonly applied: Pick<LedgerRow, 'applied_at' | 'duration_ms' | 'app_version'> | null;
}

/** Every revision that the code or the database knows, from the first one on. */
export function history(
  on: DatabaseTarget | MigrationConnection,
  options: ChainOptions = {},
): Promise<HistoryEntry[]> {
  return connected(on, async (connection) => {
    const { ledger } = await readState(connection, options);
    const { chain, twins } = readChains(connection.chain, options);
    const known = new Map(chain.map((revision) => [revision.id, revision]));
    const rows = new Map(ledger.map((row) => [row.id, row]));
    const twinOf = (revision: Revision | undefined) =>
      (revision && twins.find((twin) => areTwins(twin, revision))?.id) ?? null;
    const done = ledger.map(({ id, parent, name, label, breaking, ...applied }) => ({
      ...{ id, twin: twinOf(known.get(id)), parent, name, label, breaking, known: known.has(id), applied },
    }));
    const open = chain
      .filter(({ id }) => !rows.has(id))
      .map((revision) => ({ ...fromCode(revision), twin: twinOf(revision), applied: null }));
    return [...done, ...open];
  });
}

function fromCode({ id, parent, slug, label, breaking }: Revision) {
  return { id, parent, name: slug, label, breaking, known: true };
}

/** The head of each chain in the code; null for one without revisions. Needs no database. */
export function heads(folders: Partial<Record<ChainName, string>> = {}): Record<ChainName, Revision | null> {
  const head = (chain: ChainName) => readChain(folders[chain] ?? chainFolder(chain)).at(-1) ?? null;
  return { sqlite: head('sqlite'), pg: head('pg') };
}
