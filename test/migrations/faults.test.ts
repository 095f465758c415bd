import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stamp } from '../../src/migrations/run/stamp.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, type EmptyTarget, runFolder, uniqueName } from '../support/engine.ts';
import { ledgerOf, rows, run } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
let folder: string;
beforeEach(async () => {
  empty = await createEmptyTarget();
  folder = writeChain(chain);
});
afterEach(() => empty.dispose());

const reporter = { line() {} };
const start = () => upgrade(empty.target, { folder, reporter });
const chain = [...account, { id: C, slug: 'note', up: ['create table note (id integer)'] }];

/** Nothing was run: a balance that doubles would tell. */
async function expectUntouched(): Promise<void> {
  expect(await rows(empty.target, 'select balance from account')).toEqual([{ balance: 200 }]);
}

const folderOf = (id: string): string => join(folder, readdirSync(folder).find((name) => name.includes(id))!);

describe('files of the chain', () => {
  test('one that is missing in the middle is not taken for a newer version', async () => {
    await start();
    writeChain([chain[0]!, { ...chain[2]!, parent: B }], folder);
    const message = await refusal(start(), 'chain', 1);
    expect(message).toMatch(
      new RegExp(
        `^Revision ${B} \\(double\\), which was applied to .*, is missing in the chain, .*: reinstall the package\\.$`,
      ),
    );
    await expectUntouched();
  });

  test('one that is missing at the end makes the database ahead, with the way back to what is left', async () => {
    await start();
    writeChain(chain.slice(0, 1), folder);
    expect(await refusal(start(), 'ahead', 3)).toContain(`run prefect-server database downgrade -r ${A}, or`);
    await expectUntouched();
  });

  test('a missing up.sql, applied or not', async () => {
    await upgrade(empty.target, { folder, to: B, reporter });
    for (const id of [A, C]) {
      writeChain(chain, folder);
      rmSync(join(folderOf(id), 'up.sql'));
      expect(await refusal(start(), 'chain', 1)).toMatch(
        /can't be read from .*\(ENOENT.*\): reinstall the package\.$/,
      );
    }
    await expectUntouched();
  });

  test('a data step that is missing, and one that was edited after it had been applied', async () => {
    const step = uniqueName('2026_01_04_000000_step');
    const file = join(runFolder(), 'data', `${step}.ts`);
    mkdirSync(join(runFolder(), 'data'), { recursive: true });
    writeFileSync(file, "export default { table: 'account', columns: ['balance'], up() {} };");
    writeChain([...chain, { id: 'dddddddddddd', slug: 'step', header: `-- Data: ${step}`, up: [] }], folder);
    await start();
    appendFileSync(file, '// a second thought\n');
    expect(await refusal(start(), 'changed', 5)).toContain('dddddddddddd (step) was changed after');
    rmSync(file);
    expect(await refusal(start(), 'chain', 1)).toContain(`${step}.ts`);
    await expectUntouched();
  });
});

describe('the ledger', () => {
  test.each(['delete from', 'drop table'])(
    'that is lost (%s _migrations) is told from an empty database, and can be stamped',
    async (loss) => {
      await start();
      await run(empty.target, `${loss} _migrations`);
      const message = await refusal(start(), 'changed', 5);
      expect(message).toMatch(/has tables \(.*account.*\), but no revision in its ledger \(_migrations\)/);
      expect(message).toContain('run prefect-server database stamp with it');
      await expectUntouched();
      await stamp(empty.target, { folder, reporter, to: 'head', confirmed: true });
      expect((await start()).applied).toEqual([]);
    },
  );

  test('that has lost its last row: the revision fails whole, and the doctor is named', async () => {
    await start();
    await run(empty.target, `delete from _migrations where id = '${C}'`);
    expect(await refusal(start(), 'failed', 1)).toMatch(
      /leaves the database at b{12}: see what prefect-server database doctor says of the tables, then start again\.$/,
    );
    expect((await ledgerOf(empty.target)).map(({ id }) => id)).toEqual([A, B]);
    await expectUntouched();
  });

  test('that has lost one in the middle', async () => {
    await start();
    await run(empty.target, `delete from _migrations where id = '${B}'`);
    expect(await refusal(start(), 'changed', 5)).toMatch(
      /don't follow one another: restore the table from a backup, or do what prefect-server database doctor says of it\.$/,
    );
    await expectUntouched();
  });
});
