import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kindHints } from '../../src/migrations/chain/kind-hints.ts';
import { chainFolder, type Revision, readChain } from '../../src/migrations/chain/revisions.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { requireMigrated, upgrade } from '../../src/migrations/run/upgrade.ts';
import { differencesOfRows, insertRows, kindsOf, readRows } from '../parity/rows.ts';
import { type Rows, seedRows } from '../parity/seed.ts';
import { factsThatDiffer } from '../parity/stairway.ts';
import { describeCatalog, isColumnOrder } from '../support/catalog-text.ts';
import { createEmptyTarget, dialect, type EmptyTarget, runFolder, uniqueName } from '../support/engine.ts';
import { on } from './inspect.ts';
import { refusal } from './refusal.ts';

let place: EmptyTarget;
beforeEach(async () => {
  place = await createEmptyTarget();
});
afterEach(() => place.dispose());

const newest = chainFolder(dialect === 'sqlite' ? 'sqlite' : 'pg');
const chain = readChain(newest);
const reporter = { line() {} };

/** What a build from the time of a revision has: its chain up to there, without what came later. */
function buildOf(at: number): string {
  const folder = join(runFolder(), uniqueName('build'), dialect === 'sqlite' ? 'sqlite' : 'pg');
  mkdirSync(folder, { recursive: true });
  for (const revision of chain.slice(0, at + 1))
    cpSync(join(newest, revision.folder), join(folder, revision.folder), { recursive: true });
  const steps = join(dirname(newest), 'data');
  for (const { data } of chain.slice(0, at + 1))
    if (data) cpSync(join(steps, `${data.name}.ts`), join(dirname(folder), 'data', `${data.name}.ts`));
  return folder;
}

async function look(revision: Revision): Promise<{ facts: string[]; rows: Rows }> {
  return on(place.target, async (connection) => {
    const hint = kindHints(connection.chain, newest, revision.folder);
    const facts = describeCatalog(await connection.catalog()).filter((fact) => !isColumnOrder(fact));
    return { facts, rows: await readRows(connection, hint) };
  });
}

test.each(chain.map((revision, at) => ({ slug: revision.slug, revision, at })))(
  'rows of the build of $slug: the newest build upgrades it, that build refuses it, goes back, and finds its rows',
  async ({ revision, at }) => {
    const build = buildOf(at);
    await upgrade(place.target, { folder: build, reporter });
    await on(place.target, async (connection) => {
      const hint = kindHints(connection.chain, newest, revision.folder);
      await insertRows(connection, seedRows(await connection.catalog(), kindsOf(connection, hint)), hint);
    });
    const before = await look(revision);

    const { applied } = await upgrade(place.target, { folder: newest, reporter });
    expect(applied).toHaveLength(chain.length - 1 - at);
    expect(await requireMigrated(place.target, newest)).toBe(chain.at(-1)!.id);
    const upgraded = await look(chain.at(-1)!);
    for (const table of Object.keys(before.rows))
      expect([table, upgraded.rows[table]?.length]).toEqual([table, before.rows[table]!.length]);

    if (applied.length > 0) {
      const message = await refusal(requireMigrated(place.target, build), 'ahead', 3);
      expect(message).toContain(
        `run prefect-server database downgrade -r ${revision.id}, or install version `,
      );
      await downgrade(place.target, { folder: build, to: revision.id, acceptDataLoss: true, reporter });
    }
    expect(await requireMigrated(place.target, build)).toBe(revision.id);
    const after = await look(revision);
    expect(factsThatDiffer(before.facts, after.facts)).toEqual([]);
    expect(differencesOfRows(before.rows, after.rows)).toEqual([]);
  },
);
