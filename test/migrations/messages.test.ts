/** Messages that no other test meets on its way, each by what brings it about. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adopt } from '../../src/migrations/adopt/adopt.ts';
import { connected } from '../../src/migrations/connect.ts';
import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { backup } from '../../src/migrations/run/backup.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { createProgressTable } from '../../src/migrations/run/progress-table.ts';
import { requireMigrated, upgrade } from '../../src/migrations/run/upgrade.ts';
import { createMigratedTarget } from '../support/database.ts';
import {
  createEmptyTarget,
  dialect,
  type EmptyTarget,
  runFolder,
  sqliteTarget,
  uniqueName,
} from '../support/engine.ts';
import { connect, on, run } from './inspect.ts';
import { createPrefects } from './prefects.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

const reporter = { line: (): void => {} };
const made: EmptyTarget[] = [];
const keep = ({ target, dispose }: EmptyTarget): EmptyTarget['target'] => {
  made.push({ target, dispose });
  return target;
};
afterEach(async () => {
  for (const one of made.splice(0)) await one.dispose();
});

describe('a database halfway', () => {
  let target: EmptyTarget['target'];
  const folder = writeChain.bind(null, [...account, { id: C, slug: 'third', up: ['select 1'] }]);
  let chain: string;

  beforeEach(async () => {
    chain = folder();
    target = keep(await createEmptyTarget());
    await upgrade(target, { folder: chain, to: B, reporter });
  });

  const begin = (direction: 'up' | 'down', revision: string) =>
    on(target, async (connection) => {
      await createProgressTable(connection);
      await connection.run(
        `insert into _migration_progress (revision, direction, checksum, statements_done, rows_done, app_version, updated_at)
         values ('${revision}', '${direction}', 'x', 1, 0, '0.0.1', '2026-01-01T00:00:00Z')`,
      );
    });

  test('back from a revision goes on downwards first', async () => {
    await begin('down', B);
    const told = `is halfway back from revision ${B}: run prefect-server database downgrade -r ${A} to finish it.`;
    expect(await refusal(upgrade(target, { folder: chain, reporter }), 'interrupted', 1)).toContain(told);
    await run(target, `update _migration_progress set revision = '${A}'`);
    const down = downgrade(target, { folder: chain, to: 'base', reporter });
    expect(await refusal(down, 'interrupted', 1)).toContain(
      `is halfway back from revision ${A}: run prefect-server database downgrade -r base to finish it.`,
    );
  });

  test('through a revision goes on upwards first', async () => {
    await begin('up', C);
    const down = downgrade(target, { folder: chain, to: A, reporter });
    expect(await refusal(down, 'interrupted', 1)).toContain(
      `is halfway through revision ${C}: run prefect-server database upgrade -r ${C} to finish it first.`,
    );
  });

  test('to the head: one revision behind is told by its name, one ahead of the database by what to do', async () => {
    expect(await refusal(requireMigrated(target, chain), 'behind', 4)).toContain(
      `is behind this version of prefect-server by the revision ${C} (third): run prefect-server database upgrade.`,
    );
    const down = downgrade(target, { folder: chain, to: C, reporter });
    expect(await refusal(down, 'unknown_revision', 2)).toContain(
      `hasn't come to ${C} yet: run prefect-server database upgrade -r ${C}.`,
    );
  });
});

describe('a chain that is broken', () => {
  test('two revisions of one parent', async () => {
    const folder = writeChain([...account, { id: C, slug: 'late', parent: A, up: ['select 1'] }]);
    const target = keep(await createEmptyTarget());
    expect(await refusal(upgrade(target, { folder, reporter }), 'order', 1)).toMatch(
      /^The chain branches, since \w+ \(double\) and \w+ \(late\) all revise a{12}: reinstall the package, or, in a checkout of the sources, run npm run migrations:rebase c{12} to put it last\.$/,
    );
  });

  test('one that came late', async () => {
    const target = keep(await createEmptyTarget());
    await upgrade(target, { folder: writeChain(account), reporter });
    const folder = writeChain([...account, { id: C, slug: 'late', parent: A, up: ['select 1'] }]);
    expect(await refusal(upgrade(target, { folder, reporter }), 'order', 1)).toContain(
      ` would be at ${B}: reinstall the package, or, in a checkout of the sources, run npm run migrations:rebase ${C} to put it after that.`,
    );
  });

  test('a data step that is no module', async () => {
    const name = uniqueName('2026_01_02_000000_broken');
    mkdirSync(join(runFolder(), 'data'), { recursive: true });
    writeFileSync(join(runFolder(), 'data', `${name}.ts`), 'export default {');
    const revision = { id: B, slug: 'broken', header: `-- Data: ${name}`, up: [] };
    const target = keep(await createEmptyTarget());
    const work = upgrade(target, { folder: writeChain([account[0]!, revision]), reporter });
    const message = await refusal(work, 'chain', 1);
    expect(message).toMatch(/^The data step .* can't be loaded \(.*\): reinstall the package\.$/s);
  });
});

describe('a database that someone else has', () => {
  test('who waits too long for the one that migrates it gives up', async () => {
    const folder = writeChain(account);
    const target = keep(await createEmptyTarget());
    const other = await connect(target);
    expect(await other.lock.tryAcquire()).toBe(true);
    const message = await refusal(
      upgrade(target, { folder, reporter, lockTimeoutSeconds: 0.2 }),
      'locked',
      7,
    );
    expect(message).toMatch(
      /is being migrated by .*, which didn't finish within 0\.2 s: wait for it or stop it, then start again\.$/,
    );
    await other.lock.release();
    await other.close();
  });

  test('a reader of it keeps it from being taken over', async () => {
    const target = keep(await createPrefects());
    const other = await connect(target);
    await other.tableNames();
    if (target.backend === 'postgres') await other.run(`set application_name = 'someone'`);
    const message = await refusal(adopt(target, { reporter }), 'locked', 7);
    expect(message).toMatch(
      dialect === 'sqlite'
        ? /, and was left as it is: stop the server that uses it, then run it again\.$/
        : /, and was left as it is: stop the servers that use it, then run it again, or run prefect-server database adopt --ignore-clients if none of them is a server\.$/,
    );
    await other.close();
  });

  test('Prefect: there is nothing of ours to look at', async () => {
    const target = keep(await createPrefects());
    expect(await refusal(diagnose(target), 'made_by_prefect', 2)).toContain(
      'was made by Prefect itself and has nothing of ours to look at: run prefect-server database adopt',
    );
  });
});

test('what nobody foresaw is told with what the driver says', async () => {
  const target = keep(await createEmptyTarget());
  const work = connected(target, (connection) => connection.run('select * from nowhere'));
  expect(await refusal(work, 'failed', 1)).toMatch(
    / can't be worked on \(.*nowhere.*\): .*, then run it again\.$/,
  );
});

test.runIf(dialect === 'sqlite')('copies that can not be made', async () => {
  const database = keep(await createMigratedTarget());
  expect(await refusal(backup(database, { file: join(runFolder(), 'nowhere', 'x') }), 'backup', 1)).toMatch(
    /^The folder .*nowhere isn't there: create it first\.$/,
  );
  const folder = join(runFolder(), uniqueName('folder.db'));
  mkdirSync(folder);
  expect(await refusal(backup(sqliteTarget(folder)), 'backup', 1)).toMatch(
    /^The SQLite database .* can't be copied \(.*\): make sure that this user may write the file and its folder\.$/,
  );
  rmSync(folder, { recursive: true });
  const memory = sqliteTarget(':memory:');
  expect(await refusal(backup(memory), 'not_ours', 2)).toBe(
    'A database in memory has no file: name another database.',
  );
  expect(await refusal(copyDatabase(database, memory, { reporter }), 'not_ours', 2)).toBe(
    'A database in memory is gone when the command ends: name a file or a server.',
  );
});
