import { existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { restore } from '../../src/migrations/run/backup.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { reset } from '../../src/migrations/run/reset.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { SqliteTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget } from '../support/engine.ts';
import { rows, run } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, type ScratchRevision, writeChain } from './scratch-chain.ts';

const D = 'dddddddddddd';
const chain: ScratchRevision[] = [
  { ...account[0]!, down: '-- Down: lossy (account)\n\ndrop table account;\n' },
  { ...account[1]!, down: '-- Down: lossless\n\nupdate account set balance = balance / 2;\n' },
  {
    id: C,
    slug: 'turns',
    up: ['create table _turn (id integer)'],
    down: '-- Down: lossy (_turn)\n\ndrop table _turn;\n',
  },
  {
    id: D,
    slug: 'index',
    up: ['create index i on account (balance)'],
    down: '-- Down: lossless\n\ndrop index i;\n',
  },
];
const folder = writeChain(chain);

let target: SqliteTarget;
beforeEach(async () => {
  const empty = await createEmptyTarget('sqlite');
  target = empty.target;
  await upgrade(target, options);
  return empty.dispose;
});

const lines: string[] = [];
const options = { folder, reporter: { line: (line: string) => lines.push(line) } };
const balance = (file = target.file) => rows({ ...target, file }, 'select balance from account');
const copies = () =>
  readdirSync(dirname(target.file)).filter((name) => name.startsWith(`${basename(target.file)}.backup-`));

test('a way back that loses or rebuilds something makes a checked copy, and names it', async () => {
  expect(await downgrade(target, { ...options, to: B })).toEqual({ reverted: expect.anything(), head: B });
  expect(copies()).toEqual([]);
  await downgrade(target, { ...options, to: A, backup: false });
  expect(copies()).toEqual([]);
  await upgrade(target, { ...options, to: B });
  const { backup } = await downgrade(target, { ...options, to: 'base', acceptDataLoss: true });
  expect(copies().at(-1)).toBe(basename(backup!));
  expect(lines).toContainEqual(expect.stringContaining(`backed up to ${backup}`));
  await restore(target, backup!);
  expect(await balance()).toEqual([{ balance: 200 }]);
});

test('a reset makes one, too', async () => {
  await run(target, 'update account set balance = 5');
  expect(await reset(target, { ...options, backup: false })).toEqual({ head: D, backup: null });
  await run(target, 'update account set balance = 6');
  const { backup } = await reset(target, options);
  expect(await balance()).toEqual([{ balance: 200 }]);
  expect(await balance(backup!)).toEqual([{ balance: 6 }]);
});

test('the message of a failure holds the command that brings the database back, as a shell takes it', async () => {
  const file = `${target.file} it's 100%`;
  renameSync(target.file, file);
  target.file = file;
  await run(target, 'alter table account rename to kept');
  const down = downgrade(target, { ...options, to: A });
  const wayBack = (message: string) =>
    message.match(/ \(the database as it was before: prefect-server database restore '(.*)'\)\.$/)?.[1];
  const kept = wayBack(await refusal(down, 'failed', 1))!.replace("'\\''", "'");
  expect(existsSync(kept)).toBe(true);
  expect(wayBack(await refusal(reset(target, options), 'failed', 1))).toBeDefined();
  await restore(target, kept);
  expect(await rows(target, 'select balance from kept')).toEqual([{ balance: 200 }]);
});

test('one that goes on after it broke off has a copy, and again and again leaves the first', async () => {
  const half = {
    ...chain[1]!,
    down: '-- Down: lossless\n-- Transaction: none\n\nupdate account set balance = 1;\n--> statement-breakpoint\nnonsense;\n',
  };
  const other = writeChain([chain[0]!, half, chain[2]!]);
  const fresh = await createEmptyTarget('sqlite');
  target = fresh.target;
  await upgrade(target, { ...options, folder: other });
  const back = () => downgrade(target, { ...options, folder: other, to: A, backup: { keep: 2 } });
  for (let time = 0; time < 4; time++)
    expect(await refusal(back(), 'failed', 1)).toContain('prefect-server database restore');
  // By the revision at their end: both may be of the same second.
  const [second, first] = copies().sort((a, b) => a.slice(-12).localeCompare(b.slice(-12)));
  expect([first, second]).toEqual([expect.stringMatching(/-c{12}$/), expect.stringMatching(/-b{12}$/)]);
  expect(copies()).toHaveLength(2);
  expect(await balance(`${dirname(target.file)}/${first}`)).toEqual([{ balance: 200 }]);
  await fresh.dispose();
});
