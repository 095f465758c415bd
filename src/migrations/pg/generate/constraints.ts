/** Indexes and constraints of tables that are there already: in place, or beside whoever uses them meanwhile. */

import { quote, quoteList } from '../../quotes.ts';
import type { TableChange } from './changes.ts';
import type { Difference, Pair } from './compare.ts';
import {
  checkConstraint,
  createIndex,
  foreignKey,
  primaryKey,
  temporaryName,
  uniqueConstraint,
  uniquesApart,
} from './ddl.ts';
import type { PgForeignKey, PgKey, PgTable, PgUnique } from './snapshot.ts';

interface Named {
  readonly name: string;
}

const alterTable = (name: string): string => `ALTER TABLE ${quote(name)}`;

export function dropConstraints(table: string, constraints: readonly Named[]): string[] {
  return constraints.map(({ name }) => `${alterTable(table)} DROP CONSTRAINT ${quote(name)};`);
}

export function renameConstraints(table: string, { renamed }: Difference<Named>): string[] {
  return renamed.map(
    ([old, next]) => `${alterTable(table)} RENAME CONSTRAINT ${quote(old.name)} TO ${quote(next.name)};`,
  );
}

export function dropIndexes({ indexes }: TableChange, online: boolean): string[] {
  return indexes.dropped.map(({ name }) => dropIndex(name, online));
}

const dropIndex = (name: string, online: boolean): string =>
  `DROP INDEX ${online ? 'CONCURRENTLY IF EXISTS ' : ''}${quote(name)};`;

export function renameIndexes({ indexes }: TableChange): string[] {
  return indexes.renamed.map(([old, next]) => renameIndex(old.name, next.name));
}

const renameIndex = (from: string, to: string): string =>
  `ALTER INDEX ${quote(from)} RENAME TO ${quote(to)};`;

export function createIndexes({ table, indexes }: TableChange, online: boolean): string[] {
  const replaced = indexes.replaced.flatMap(([old, next]) => {
    // The old one serves, and keeps duplicates out, until the new one is there; dropped first, there would be none.
    const name = temporaryName(next.name);
    return [
      createIndex(table, next, { name, concurrently: true }),
      dropIndex(old.name, true),
      renameIndex(name, next.name),
    ];
  });
  return [
    ...replaced,
    ...indexes.created.map((index) => createIndex(table, index, { concurrently: online })),
  ];
}

export function addPrimaryKey({ table, primaryKey: difference }: TableChange, online: boolean): string[] {
  return addKeys(table.name, difference, primaryKey, 'PRIMARY KEY', online);
}

export function addUniques({ table, uniques }: TableChange, online: boolean): string[] {
  return addKeys(table.name, uniques, uniqueConstraint, 'UNIQUE', online);
}

export function addUniquesApart(table: PgTable): string[] {
  return addAll(table.name, { created: uniquesApart(table), replaced: [] }, uniqueConstraint, '');
}

/** Online the index is built beside the table's users, and then made the constraint's, which takes no time. */
function addKeys<T extends PgKey & Partial<PgUnique>>(
  table: string,
  { created, replaced }: Difference<T>,
  definition: (key: T) => string,
  kind: string,
  online: boolean,
): string[] {
  if (!online) return addAll(table, { created, replaced }, definition, '');
  const build = (key: T, name: string) =>
    `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${quote(name)} ON ${quote(table)} ` +
    `(${quoteList(key.columns)})${key.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''};`;
  const add = (key: T, name: string) =>
    `ADD CONSTRAINT ${quote(key.name)} ${kind} USING INDEX ${quote(name)};`;
  return [
    ...replaced.flatMap(([old, next]) => {
      const name = temporaryName(next.name);
      return [
        build(next, name),
        `${alterTable(table)} DROP CONSTRAINT ${quote(old.name)}, ${add(next, name)}`,
      ];
    }),
    ...created.flatMap((key) => [build(key, key.name), `${alterTable(table)} ${add(key, key.name)}`]),
  ];
}

/** Online a constraint holds for new rows at once, and the old ones are looked at without keeping others from writing. */
function addAll<T extends Named>(
  table: string,
  { created, replaced }: { created: T[]; replaced: Pair<T>[] },
  definition: (one: T) => string,
  suffix: string,
): string[] {
  const validate = ({ name }: Named) =>
    suffix ? [`${alterTable(table)} VALIDATE CONSTRAINT ${quote(name)};`] : [];
  return [
    ...replaced.flatMap(([old, next]) => [
      `${alterTable(table)} DROP CONSTRAINT ${quote(old.name)}, ADD ${definition(next)}${suffix};`,
      ...validate(next),
    ]),
    ...created.flatMap((one) => [`${alterTable(table)} ADD ${definition(one)}${suffix};`, ...validate(one)]),
  ];
}

const suffixOf = (online: boolean): string => (online ? ' NOT VALID' : '');

export function addChecks({ table, checks }: TableChange, online: boolean): string[] {
  return addAll(table.name, checks, checkConstraint, suffixOf(online));
}

export function addForeignKeys(
  table: string,
  keys: Pick<Difference<PgForeignKey>, 'created' | 'replaced'>,
  online: boolean,
): string[] {
  return addAll(table, keys, foreignKey, suffixOf(online));
}
