import { expect, test } from 'vitest';
import type { MigrationConnection } from '../../src/migrations/connection.ts';
import { createProgressTable } from '../../src/migrations/run/progress-table.ts';
import { readState } from '../../src/migrations/run/state.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget } from '../support/engine.ts';
import { on, run } from './inspect.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

const reporter = { line() {} };

const BEGUN = `insert into _migration_progress
  (revision, direction, checksum, statements_done, rows_done, app_version, updated_at)
  values ('${C}', 'up', '', 1, 0, '0.1.0', '2026-01-01')`;

/** The connection, with something that happens after its first query. */
function interrupted(connection: MigrationConnection, happens: () => Promise<void>): MigrationConnection {
  let isFirst = true;
  const query: MigrationConnection['query'] = async (statement) => {
    const rows = await connection.query(statement);
    if (isFirst) {
      isFirst = false;
      await happens();
    }
    return rows as never;
  };
  return { ...connection, query };
}

test('what another process finishes and begins between two reads is seen as it is in the end', async () => {
  const folder = writeChain(account);
  const { target, dispose } = await createEmptyTarget();
  await upgrade(target, { folder, to: A, reporter });
  await on(target, async (connection) => {
    await createProgressTable(connection);
    const other = async () => {
      await upgrade(target, { folder, to: B, reporter });
      await run(target, BEGUN);
    };
    expect(await readState(interrupted(connection, other), { folder })).toMatchObject({
      ledger: [{ id: A }, { id: B }],
      progress: { revision: C },
    });
  });
  await dispose();
});
