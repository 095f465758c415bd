import { sql } from 'drizzle-orm';
import type { DatabaseTarget } from '../../settings/settings.ts';
import { packageVersion } from '../../version.ts';
import { resolveRevision } from '../chain/resolve.ts';
import type { Revision } from '../chain/revisions.ts';
import { connected, type RunOptions } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { lower, MigrationError } from '../errors.ts';
import { refuseInUse } from './in-use.ts';
import { createLedger, type LedgerRow, writeLedgerRow } from './ledger.ts';
import { withLock } from './lock.ts';
import { pendingRevisions } from './pending.ts';
import { namesOf, readState } from './state.ts';

export interface StampOptions extends RunOptions {
  to: string;
  /** Someone has said yes to a ledger that is written without anything being run. */
  confirmed: boolean;
}

export interface Stamped {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly head: string | null;
}

/** Makes the ledger say that the database is at a revision, and runs nothing: for who knows that its tables are so. */
export function stamp(on: DatabaseTarget | MigrationConnection, options: StampOptions): Promise<Stamped> {
  return connected(on, async (connection) => {
    const { ledger, chain } = await readState(connection, options);
    const change = changeOf(connection, options, chain, ledger);
    if (change.added.length === 0 && change.removed.length === 0) return named(change);
    if (!options.confirmed) throw unconfirmed(connection, change);
    return withLock(connection, options, async () => {
      await refuseInUse(connection, 'stamp', options);
      await connection.prepare();
      await createLedger(connection);
      const again = changeOf(connection, options, chain, (await readState(connection, options)).ledger);
      await connection.revision({ atomic: true, statements: [] }, () => write(connection, again));
      return named(again);
    });
  });
}

interface Change {
  added: Revision[];
  removed: LedgerRow[];
  head: string | null;
}

function changeOf(
  connection: MigrationConnection,
  options: StampOptions,
  chain: readonly Revision[],
  ledger: readonly LedgerRow[],
): Change {
  const head = resolveRevision(options.to, namesOf(connection, options, ledger));
  if (head === null) return { added: [], removed: [...ledger].reverse(), head };
  const at = ledger.findIndex((row) => row.id === head);
  if (at >= 0) return { added: [], removed: ledger.slice(at + 1).reverse(), head };
  const pending = pendingRevisions(chain, ledger, connection.place);
  return { added: pending.slice(0, pending.findIndex(({ id }) => id === head) + 1), removed: [], head };
}

async function write(connection: MigrationConnection, { added, removed }: Change): Promise<void> {
  for (const { id } of removed) await connection.query(sql`delete from _migrations where id = ${id}`);
  for (const revision of added) await writeLedgerRow(connection, revision, 0, packageVersion());
}

function unconfirmed({ place }: MigrationConnection, { added, removed, head }: Change): MigrationError {
  const what =
    added.length > 0
      ? `${list(added)} would count as applied without having been run`
      : `${list(removed)} would count as not applied without having been undone`;
  return new MigrationError(
    'refused',
    `Nothing was stamped on ${lower(place)}, where ${what}: add -y if its tables are those of ${head ?? 'base'} already.`,
  );
}

const list = (revisions: { id: string }[]): string => revisions.map(({ id }) => id).join(', ');

function named({ added, removed, head }: Change): Stamped {
  return { added: added.map(({ id }) => id), removed: removed.map(({ id }) => id), head };
}
