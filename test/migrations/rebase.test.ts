import { afterEach, beforeEach, expect, test } from 'vitest';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { migrate } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, type EmptyTarget } from '../support/engine.ts';
import { ledgerOf, rows } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
beforeEach(async () => {
  empty = await createEmptyTarget();
});
afterEach(() => empty.dispose());

test('a database that has a moved revision in its old place goes on as it is told to', async () => {
  const first = account[0]!;
  const doubled = {
    id: B,
    slug: 'double',
    up: ['update account set balance = balance * 2'],
    down: '-- Down: lossless\n\nupdate account set balance = balance / 2;\n',
  };
  const folder = writeChain([first, doubled]);
  const upgrade = () => migrate(empty.target, { folder, log: () => {} });
  await upgrade();
  writeChain(
    [first, { id: C, slug: 'landed', up: ['update account set balance = balance + 1'] }, doubled],
    folder,
  );

  const message = await refusal(upgrade(), 'order', 1);
  const [, to] = /database downgrade -r (\w+), then prefect-server database upgrade\.$/.exec(message)!;
  await downgrade(empty.target, { folder, to: to!, reporter: { line: () => {} } });
  await upgrade();
  expect((await ledgerOf(empty.target)).map(({ id }) => id)).toEqual([A, C, B]);
  expect(await rows(empty.target, 'select balance from account')).toEqual([{ balance: 202 }]);
});
