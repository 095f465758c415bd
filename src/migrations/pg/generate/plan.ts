/** From one snapshot to another on PostgreSQL: everything goes before what it stands on, and comes after it. */

import type { StatementOptions } from '../../generate/dialect.ts';
import { quote } from '../../quotes.ts';
import { changeOf, foreignKeyChanges, type TableChange } from './changes.ts';
import {
  addGeneratedColumns,
  addPlainColumns,
  alterColumns,
  dropColumns,
  dropNotNulls,
  retypeColumns,
} from './columns.ts';
import type { Difference } from './compare.ts';
import {
  addChecks,
  addForeignKeys,
  addPrimaryKey,
  addUniques,
  addUniquesApart,
  createIndexes,
  dropConstraints,
  dropIndexes,
  renameConstraints,
  renameIndexes,
} from './constraints.ts';
import { createIndex, createTable } from './ddl.ts';
import { planEnums } from './enums.ts';
import { keyOf, type PgForeignKey, type PgSnapshot, type PgTable } from './snapshot.ts';

interface Plan {
  readonly created: PgTable[];
  readonly dropped: PgTable[];
  readonly changes: TableChange[];
  readonly keys: Map<string, Difference<PgForeignKey>>;
}

export function planStatements(
  from: PgSnapshot,
  to: PgSnapshot,
  { online }: StatementOptions = { online: false },
): string[] {
  const enums = planEnums(from, to);
  const { remade } = enums;
  const plan = compareSnapshots(from, to, remade, online);
  const { changes } = plan;
  return [
    ...extensions(from, to),
    ...enums.create,
    ...dropObjects(plan, online),
    ...changes.flatMap(dropColumns),
    ...enums.beforeColumns,
    ...changes.flatMap((change) => retypeColumns(change, remade)),
    ...enums.afterColumns,
    ...renameObjects(plan),
    ...plan.created.flatMap((table) => [createTable(table), ...addUniquesApart(table)]),
    ...changes.flatMap((change) => [
      ...addPlainColumns(change),
      ...alterColumns(change, remade, online),
      ...addGeneratedColumns(change),
    ]),
    ...addObjects(plan, online),
  ];
}

function compareSnapshots(
  from: PgSnapshot,
  to: PgSnapshot,
  remade: ReadonlySet<string>,
  online: boolean,
): Plan {
  const [old, next] = [Object.values(from.tables), Object.values(to.tables)];
  const changes = next.flatMap((table) => {
    const before = from.tables[keyOf(table.name)];
    return before ? [changeOf(before, table, remade, online)] : [];
  });
  return {
    created: next.filter((table) => !from.tables[keyOf(table.name)]),
    dropped: old.filter((table) => !to.tables[keyOf(table.name)]),
    changes,
    keys: foreignKeyChanges(to, new Map(changes.map((change) => [change.table.name, change])), online),
  };
}

function dropObjects({ dropped, changes, keys }: Plan, online: boolean): string[] {
  return [
    ...[...keys].flatMap(([table, difference]) => dropConstraints(table, difference.dropped)),
    ...dropTables(dropped),
    ...changes.flatMap(({ old, checks }) => dropConstraints(old.name, checks.dropped)),
    ...changes.flatMap((change) => dropIndexes(change, online)),
    ...changes.flatMap(({ old, uniques, primaryKey }) =>
      dropConstraints(old.name, [...uniques.dropped, ...primaryKey.dropped]),
    ),
  ];
}

function renameObjects({ changes, keys }: Plan): string[] {
  return changes.flatMap((change) => {
    const { table, primaryKey, uniques, checks } = change;
    return [
      ...[primaryKey, uniques, checks, keys.get(table.name)!].flatMap((difference) =>
        renameConstraints(table.name, difference),
      ),
      ...renameIndexes(change),
    ];
  });
}

/** Tables that are new have no rows and no users: nothing of theirs is worth an effort. */
function addObjects({ created, changes, keys }: Plan, online: boolean): string[] {
  return [
    ...changes.flatMap((change) => [...addPrimaryKey(change, online), ...addUniques(change, online)]),
    ...changes.flatMap(dropNotNulls),
    ...changes.flatMap((change) => addChecks(change, online)),
    ...created.flatMap((table) =>
      Object.values(table.indexes).map((index) => createIndex(table, index, { concurrently: false })),
    ),
    ...changes.flatMap((change) => createIndexes(change, online)),
    ...created.flatMap((table) =>
      addForeignKeys(table.name, { created: Object.values(table.foreignKeys), replaced: [] }, false),
    ),
    ...[...keys].flatMap(([table, difference]) => addForeignKeys(table, difference, online)),
  ];
}

/** Whoever refers to a table goes before it. Never with CASCADE, which would take along what nobody planned. */
function dropTables(tables: PgTable[]): string[] {
  const statements: string[] = [];
  let rest = [...tables];
  const referring = (table: PgTable) =>
    rest.flatMap((other) =>
      other === table
        ? []
        : Object.values(other.foreignKeys).filter((key) => key.tableTo === table.name && !cut.has(key)),
    );
  const cut = new Set<PgForeignKey>();
  while (rest.length > 0) {
    const next = rest.find((table) => referring(table).length === 0) ?? rest[0]!;
    for (const key of referring(next)) {
      cut.add(key);
      statements.push(...dropConstraints(key.tableFrom, [key]));
    }
    statements.push(`DROP TABLE ${quote(next.name)};`);
    rest = rest.filter((table) => table !== next);
  }
  return statements;
}

/** An extension stays when nothing needs it any more: other programs in the same database may. */
function extensions(from: PgSnapshot, to: PgSnapshot): string[] {
  const needsTrigrams = (snapshot: PgSnapshot) => JSON.stringify(snapshot.tables).includes('"gin_trgm_ops"');
  return needsTrigrams(to) && !needsTrigrams(from) ? ['CREATE EXTENSION IF NOT EXISTS pg_trgm;'] : [];
}
