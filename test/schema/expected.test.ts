import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareCatalogs } from '../../src/migrations/catalog/diff.ts';
import { expectedCatalog } from '../../src/migrations/catalog/expected.ts';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import type { MigrationConnection } from '../../src/migrations/connection.ts';
import { on, tables } from '../migrations/inspect.ts';
import { A, B, C, type ScratchRevision, writeChain } from '../migrations/scratch-chain.ts';
import { describeCatalog } from '../support/catalog-text.ts';
import { createMigratedTarget } from '../support/database.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { bestOf } from '../support/timing.ts';

const own = readChain(chainFolder(dialect === 'sqlite' ? 'sqlite' : 'pg'));

let place: EmptyTarget;
afterEach(() => place.dispose());

describe("the expected catalog of the package's chain", () => {
  beforeEach(async () => {
    place = await createMigratedTarget();
  });

  test('is what a migrated database has, word by word', async () => {
    await on(place.target, async (connection) => {
      const expected = await expectedCatalog(connection, own, own.at(-1)!.id);
      const found = await connection.catalog();
      expect(describeCatalog(expected)).toEqual(describeCatalog(found));
      expect(compareCatalogs(expected, found)).toEqual([]);
      expect(describeCatalog(expected).length).toBeGreaterThan(600);
    });
  });

  test('takes under a second and changes nothing', async () => {
    await on(place.target, async (connection) => {
      const state = async () => [await tables(place.target), describeCatalog(await connection.catalog())];
      const before = await state();
      const once = () => bestOf(1, () => expectedCatalog(connection, own, own.at(-1)!.id));
      // The quickest of many tells how long it takes; the others, what else the machine has to do.
      await expect.poll(once, { timeout: 30_000 }).toBeLessThan(1000);
      expect(await state()).toEqual(before);
    });
  });
});

const shared = [
  'create table parent (id integer not null, name varchar(20), constraint pk_parent primary key (id))',
  `create table child (id integer not null, parent_id integer, n integer default 7 not null, constraint pk_child primary key (id),
     constraint uq_child__n unique (n), constraint ck_child__n check (n > 0),
     constraint fk_child__parent foreign key (parent_id) references parent (id) on delete set null on update cascade)`,
  'create unique index ix_child__n on child (n desc, lower(cast(parent_id as varchar))) where n > 3',
];

const pgChain: ScratchRevision[] = [
  {
    id: A,
    slug: 'tables',
    up: [
      `create type mood as enum ('sad', 'glad')`,
      ...shared,
      `alter table child add column mood mood default 'sad' not null`,
      'create sequence child_seq',
      `alter table child alter column id set default nextval('child_seq')`,
    ],
  },
  {
    id: B,
    slug: 'online',
    header: '-- Transaction: none',
    up: [
      `alter type mood add value 'mad' before 'glad'`,
      'create index concurrently if not exists ix_parent__name on parent (name)',
      `alter table parent add constraint ck_parent__name check (name <> 'create index concurrently') not valid`,
      'alter table parent validate constraint ck_parent__name',
      'drop index concurrently if exists ix_child__n',
    ],
  },
  // What was added can only be used in a later transaction.
  { id: C, slug: 'use', up: [`alter table child alter column mood set default 'mad'`] },
];

const sqliteChain: ScratchRevision[] = [
  { id: A, slug: 'tables', up: shared },
  {
    id: B,
    slug: 'rebuild',
    up: [
      'create table "__new_parent" (id integer not null, name text collate nocase, len integer generated always as (length(name)) virtual, primary key (id))',
      'insert into "__new_parent" (id, name) select id, name from parent',
      'drop table parent',
      'alter table "__new_parent" rename to "parent"',
      'create index ix_parent__name on parent (name collate binary desc)',
    ],
  },
];

test('the expected catalog of a chain with everything in it is what the chain builds', async () => {
  place = await createEmptyTarget();
  const chain = readChain(writeChain(dialect === 'sqlite' ? sqliteChain : pgChain));
  await on(place.target, async (connection) => {
    const expected = describeCatalog(await expectedCatalog(connection, chain, chain.at(-1)!.id));
    const earlier = describeCatalog(await expectedCatalog(connection, chain, A));
    expect(await tables(place.target)).toEqual([]);
    await build(connection, chain.slice(0, 1));
    expect(earlier).toEqual(describeCatalog(await connection.catalog()));
    await build(connection, chain.slice(1));
    expect(expected).toEqual(describeCatalog(await connection.catalog()));
    expect(expected).not.toEqual(earlier);
    expect(expected).toContain(
      'child: foreign key fk_child__parent (parent_id) to parent (id) on delete SET NULL on update CASCADE',
    );
  });
});

async function build(connection: MigrationConnection, chain: typeof own): Promise<void> {
  for (const statement of chain.flatMap((revision) => revision.statements)) await connection.run(statement);
}
