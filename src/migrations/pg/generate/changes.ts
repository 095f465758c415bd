/** What of a table that stays has to go, come or change, and what has to be made anew because of something else. */

import { isDeepStrictEqual } from 'node:util';
import { compareWith, type Difference, type Pair } from './compare.ts';
import { actionOf, effectiveDefault, enumOf } from './ddl.ts';
import { canonical, mentions, mentionsType } from './expression.ts';
import {
  keyOf,
  type PgCheck,
  type PgColumn,
  type PgForeignKey,
  type PgIndex,
  type PgKey,
  type PgSnapshot,
  type PgTable,
  type PgUnique,
  primaryKeyOf,
  typeOf,
} from './snapshot.ts';

export interface TableChange {
  readonly old: PgTable;
  readonly table: PgTable;
  readonly columns: ColumnChanges;
  readonly primaryKey: Difference<PgKey>;
  readonly uniques: Difference<PgUnique>;
  readonly checks: Difference<PgCheck>;
  readonly indexes: Difference<PgIndex>;
}

export interface ColumnChanges {
  /** A generated column whose expression or type changes goes and comes: it is both dropped and added. */
  readonly dropped: PgColumn[];
  readonly added: PgColumn[];
  readonly kept: Pair<PgColumn>[];
  readonly retyped: Pair<PgColumn>[];
}

export function changeOf(
  old: PgTable,
  table: PgTable,
  remade: ReadonlySet<string>,
  online: boolean,
): TableChange {
  const columns = columnChanges(old, table, remade);
  const gone = new Set(columns.dropped.map(({ name }) => name));
  const touched = new Set([...gone, ...columns.retyped.map(([{ name }]) => name)]);
  const disturbs = (expression: string) =>
    [...touched].some((name) => mentions(expression, old.name, name)) ||
    [...remade].some((type) => mentionsType(expression, type));
  const losesColumn = (key: PgKey) => key.columns.some((name) => gone.has(name));
  const compare = compareWith(online);
  const keys = [primaryKeyOf(old), primaryKeyOf(table)].map((key) => (key ? [key] : [])) as [
    PgKey[],
    PgKey[],
  ];
  return {
    old,
    table,
    columns,
    primaryKey: compare(...keys, (key) => key.columns, losesColumn),
    uniques: compare(
      Object.values(old.uniqueConstraints),
      Object.values(table.uniqueConstraints),
      ({ columns: names, nullsNotDistinct }) => [names, nullsNotDistinct],
      losesColumn,
    ),
    checks: compare(
      Object.values(old.checkConstraints),
      Object.values(table.checkConstraints),
      ({ value }) => canonical(value, table.name),
      ({ value }) => disturbs(value),
    ),
    indexes: compare(
      Object.values(old.indexes),
      Object.values(table.indexes),
      (index) => indexDefinition(index, table),
      (index) => indexIsInTheWay(index, gone, touched, disturbs),
    ),
  };
}

function columnChanges(old: PgTable, table: PgTable, remade: ReadonlySet<string>): ColumnChanges {
  const both = Object.values(table.columns).flatMap((next): Pair<PgColumn>[] => {
    const before = old.columns[next.name];
    return before ? [[before, next]] : [];
  });
  const changesType = ([before, next]: Pair<PgColumn>) =>
    typeOf(before) !== typeOf(next) || remade.has(enumOf(next) ?? '');
  const only = (one: PgTable, other: PgTable) =>
    Object.values(one.columns).filter(({ name }) => !other.columns[name]);
  const touched = [...only(old, table), ...both.filter(changesType).map(([before]) => before)];
  const isAnew = ([before, next]: Pair<PgColumn>): boolean => {
    if (!next.generated) return false;
    if (!before.generated || changesType([before, next])) return true;
    const expression = before.generated.as;
    return (
      canonical(expression, table.name) !== canonical(next.generated.as, table.name) ||
      touched.some(({ name }) => mentions(expression, table.name, name)) ||
      [...remade].some((type) => mentionsType(expression, type))
    );
  };
  const anew = both.filter(isAnew);
  const kept = both.filter((pair) => !anew.includes(pair));
  return {
    dropped: [...anew.map(([before]) => before), ...only(old, table)],
    added: [...only(table, old), ...anew.map(([, next]) => next)],
    kept,
    retyped: kept.filter(changesType),
  };
}

/** PostgreSQL takes an index on plain columns along when a type changes; one with an expression it may not be able to. */
function indexIsInTheWay(
  index: PgIndex,
  gone: ReadonlySet<string>,
  touched: ReadonlySet<string>,
  disturbs: (expression: string) => boolean,
): boolean {
  const inKeys = index.columns.some(({ expression, isExpression, opclass }) => {
    if (isExpression) return disturbs(expression);
    return (opclass ? touched : gone).has(expression);
  });
  return inKeys || (index.where !== undefined && disturbs(index.where));
}

function indexDefinition(index: PgIndex, table: PgTable): unknown {
  const { name: _name, concurrently: _concurrently, where, columns, ...rest } = index;
  return {
    ...rest,
    where: where === undefined ? null : canonical(where, table.name),
    columns: columns.map((key) =>
      key.isExpression
        ? canonical(key.expression, table.name)
        : [key.expression, key.asc, key.nulls, key.opclass ?? null],
    ),
  };
}

/** Foreign keys stand between two tables: what changes at either end, or at the key that they point to, is in their way. */
export function foreignKeyChanges(
  to: PgSnapshot,
  changes: ReadonlyMap<string, TableChange>,
  online: boolean,
): Map<string, Difference<PgForeignKey>> {
  const isInTheWay = (key: PgForeignKey) => {
    const [own, target] = [changes.get(key.tableFrom), changes.get(key.tableTo)];
    return (
      (own !== undefined && changesColumn(own, key.columnsFrom)) ||
      (target !== undefined && (changesColumn(target, key.columnsTo) || losesKey(target, key.columnsTo)))
    );
  };
  return new Map(
    [...changes].map(([name, { old, table }]) => [
      name,
      compareWith(online)(
        Object.values(old.foreignKeys),
        Object.values(to.tables[keyOf(table.name)]!.foreignKeys),
        (key) => [
          key.columnsFrom,
          key.tableTo,
          key.columnsTo,
          actionOf(key.onDelete),
          actionOf(key.onUpdate),
        ],
        isInTheWay,
      ),
    ]),
  );
}

function changesColumn({ columns }: TableChange, names: string[]): boolean {
  return [...columns.dropped, ...columns.retyped.map(([before]) => before)].some(({ name }) =>
    names.includes(name),
  );
}

function losesKey({ primaryKey, uniques, indexes }: TableChange, columns: string[]): boolean {
  const lost = <T>({ dropped, replaced }: Difference<T>) => [...dropped, ...replaced.map(([old]) => old)];
  const keys = [
    ...[...lost(primaryKey), ...lost(uniques)].map((key) => key.columns),
    ...lost(indexes)
      .filter(({ isUnique }) => isUnique)
      .map((index) => index.columns.map(({ expression }) => expression)),
  ];
  return keys.some((key) => isDeepStrictEqual([...key].sort(), [...columns].sort()));
}

/** Whether the default has to be away while a type is made anew, or changes. */
export function defaultIsInTheWay(
  old: PgTable,
  column: PgColumn,
  retyped: boolean,
  remade: ReadonlySet<string>,
): boolean {
  const value = effectiveDefault(old, column);
  return value !== null && (retyped || [...remade].some((type) => mentionsType(value, type)));
}
