import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { downgrade, downgradeSteps } from '../../src/migrations/run/downgrade.ts';
import { stamp } from '../../src/migrations/run/stamp.ts';
import { current, history } from '../../src/migrations/run/status.ts';
import { requireMigrated, upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { ledgerOf, on, rows, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, type ScratchRevision, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
let lines: string[];
beforeEach(async () => {
  empty = await createEmptyTarget();
  lines = [];
});
afterEach(() => empty.dispose());

const reporter = { line: (line: string) => lines.push(line) };
const ids = async () => (await ledgerOf(empty.target)).map(({ id }) => id);
const balance = () => rows(empty.target, 'select balance from account');

const chain: ScratchRevision[] = [
  { ...account[0]!, down: '-- Down: lossy (account)\n\ndrop table account;\n' },
  { ...account[1]!, down: '-- Down: lossless\n\nupdate account set balance = balance / 2;\n' },
  {
    id: C,
    slug: 'note',
    header: '-- Breaking: yes',
    up: ['create table note (id integer)'],
    down: '-- Down: lossless\n-- Transaction: none\n\ndrop table note;\n',
  },
];

describe('a downgrade', () => {
  test('undoes with what the ledger keeps, the newest first, also what the code no longer knows', async () => {
    const folder = writeChain(chain);
    await upgrade(empty.target, { folder, reporter });
    writeChain(chain.slice(0, 1), folder);
    lines = [];
    const { reverted, head, backup } = await downgrade(empty.target, { folder, to: 'head', reporter });
    expect(reverted.map(({ id }) => id)).toEqual([C, B]);
    expect(head).toBe(A);
    expect(backup !== undefined).toBe(dialect === 'sqlite');
    expect(lines.filter((line) => !line.startsWith('backed up'))).toEqual([
      `reverting: ${C}`,
      expect.stringMatching(/^reverted c{12} \(1 statements, \d+ ms\), 1 of 2$/),
      `reverting: ${B}`,
      expect.stringMatching(/^reverted b{12} \(1 statements, \d+ ms\), 2 of 2$/),
    ]);
    expect(await ids()).toEqual([A]);
    expect(await balance()).toEqual([{ balance: 100 }]);
    expect(await requireMigrated(empty.target, folder)).toBe(A);
  });

  test('that loses data has to be accepted', async () => {
    const folder = writeChain(chain);
    await upgrade(empty.target, { folder, reporter });
    const message = await refusal(downgrade(empty.target, { folder, to: 'base', reporter }), 'refused', 6);
    expect(message).toContain(`(account by ${A}): make a backup, then add --accept-data-loss.`);
    expect(await ids()).toEqual([A, B, C]);
    await downgrade(empty.target, { folder, to: 'base', acceptDataLoss: true, reporter });
    expect(await ids()).toEqual([]);
    expect((await tables(empty.target)).filter((name) => !name.startsWith('_'))).toEqual([]);
    await upgrade(empty.target, { folder, reporter });
    expect(await balance()).toEqual([{ balance: 200 }]);
  });

  test('over what is irreversible is refused, accepted or not', async () => {
    const folder = writeChain([
      chain[0]!,
      { ...chain[1]!, down: '-- Down: irreversible (texts are gone)\n' },
      chain[2]!,
    ]);
    await upgrade(empty.target, { folder, reporter });
    const all = downgrade(empty.target, { folder, to: 'base', acceptDataLoss: true, reporter });
    expect(await refusal(all, 'irreversible', 1)).toContain(`${B} (double) can't be undone`);
    expect(await ids()).toEqual([A, B, C]);
    await downgrade(empty.target, { folder, to: '-1', reporter });
    expect(await ids()).toEqual([A, B]);
  });

  test('that fails is rolled back, and what came before it stays', async () => {
    const bad = {
      ...chain[1]!,
      down: '-- Down: lossless\n\nupdate account set balance = 1;\n--> statement-breakpoint\ndrop table nothing;\n',
    };
    const folder = writeChain([chain[0]!, bad, chain[2]!]);
    await upgrade(empty.target, { folder, reporter });
    const message = await refusal(downgrade(empty.target, { folder, to: A, reporter }), 'failed', 1);
    expect(message).toContain(`${B} (double) could not be undone at statement 2 of 2`);
    expect(await ids()).toEqual([A, B]);
    expect(await balance()).toEqual([{ balance: 200 }]);
  });

  test('broken off in the middle is finished first', async () => {
    const half = {
      ...chain[2]!,
      down: '-- Down: lossless\n-- Transaction: none\n\ndrop table note;\n--> statement-breakpoint\ndrop table missing;\n',
    };
    const folder = writeChain([...chain.slice(0, 2), half]);
    await upgrade(empty.target, { folder, reporter });
    await refusal(downgrade(empty.target, { folder, to: B, reporter }), 'failed', 1);
    const command = `prefect-server database downgrade -r ${B}`;
    expect(await refusal(upgrade(empty.target, { folder, reporter }), 'interrupted', 1)).toContain(command);
    expect(await refusal(requireMigrated(empty.target, folder), 'interrupted', 1)).toContain(command);
    expect(await refusal(downgrade(empty.target, { folder, to: C, reporter }), 'interrupted', 1)).toContain(
      command,
    );
    await on(empty.target, (connection) => connection.run('create table missing (id integer)'));
    await downgrade(empty.target, { folder, to: B, reporter });
    expect(lines).toContain(`going on with reverting: ${C}`);
    expect(await requireMigrated(empty.target, writeChain(chain.slice(0, 2)))).toBe(B);
  });

  test('to where the database is, or has not been, does nothing', async () => {
    const folder = writeChain(chain);
    await upgrade(empty.target, { folder, to: B, reporter });
    expect(await downgrade(empty.target, { folder, to: B, reporter })).toEqual({ reverted: [], head: B });
    expect(
      await refusal(downgrade(empty.target, { folder, to: C, reporter }), 'unknown_revision', 2),
    ).toContain(`prefect-server database upgrade -r ${C}`);
    const steps = await downgradeSteps(empty.target, { folder, to: 'base' });
    expect(steps.map(({ row, down }) => [row.id, down.label, down.detail])).toEqual([
      [B, 'lossless', ''],
      [A, 'lossy', 'account'],
    ]);
  });
});

describe('a database that is ahead of the code', () => {
  test('is named with its unknown revisions, the breaking ones, and the way back', async () => {
    const folder = writeChain(chain);
    await upgrade(empty.target, { folder, reporter });
    writeChain(chain.slice(0, 1), folder);
    const message = await refusal(upgrade(empty.target, { folder, reporter }), 'ahead', 3);
    expect(message).toContain(
      `${B} (double), ${C} (note, breaking): run prefect-server database downgrade -r ${A},`,
    );
  });

  test('halfway through a revision that the code lacks it is not served either', async () => {
    const half = {
      id: B,
      slug: 'half',
      header: '-- Transaction: none',
      up: ['create table note (id integer)', 'nonsense'],
    };
    const folder = writeChain([chain[0]!, half]);
    await refusal(upgrade(empty.target, { folder, reporter }), 'failed', 1);
    const older = writeChain(chain.slice(0, 1));
    expect(await refusal(requireMigrated(empty.target, older), 'ahead', 3)).toContain(
      `halfway through revision ${B}`,
    );
    expect(
      await refusal(
        downgrade(empty.target, { folder: older, to: 'base', acceptDataLoss: true, reporter }),
        'interrupted',
        1,
      ),
    ).toContain(`upgrade -r ${B}`);
  });
});

describe('where a database is', () => {
  test('upgraded step by step', async () => {
    const folder = writeChain(chain);
    expect(await current(empty.target, { folder })).toMatchObject({ head: null, applied: [] });
    await upgrade(empty.target, { folder, to: '+1', reporter });
    expect((await current(empty.target, { folder })).head?.id).toBe(A);
    await upgrade(empty.target, { folder, to: 'bbb', reporter });
    expect(
      await refusal(upgrade(empty.target, { folder, to: A, reporter }), 'unknown_revision', 2),
    ).toContain('downgrade -r');
    const entries = await history(empty.target, { folder });
    expect(entries.map(({ id, applied }) => [id, applied !== null])).toEqual([
      [A, true],
      [B, true],
      [C, false],
    ]);
  });

  test('a stamp writes the ledger and runs nothing, once confirmed', async () => {
    const folder = writeChain(chain);
    const options = { folder, reporter, to: B };
    expect(await refusal(stamp(empty.target, { ...options, confirmed: false }), 'refused', 6)).toContain(
      'add -y',
    );
    expect(await tables(empty.target)).toEqual([]);
    expect(await stamp(empty.target, { ...options, confirmed: true })).toEqual({
      added: [A, B],
      removed: [],
      head: B,
    });
    expect(await tables(empty.target)).toEqual(['_migrations']);
    expect(await stamp(empty.target, { ...options, to: '-1', confirmed: true })).toEqual({
      added: [],
      removed: [B],
      head: A,
    });
    expect(await ids()).toEqual([A]);
  });
});
