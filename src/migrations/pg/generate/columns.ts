/** How the columns of a table that stays change. */

import { literal, quote } from '../../quotes.ts';
import { using } from './cast.ts';
import { defaultIsInTheWay, type TableChange } from './changes.ts';
import type { Pair } from './compare.ts';
import {
  columnDefinition,
  effectiveDefault,
  identity,
  sequenceOptions,
  temporaryName,
  typeName,
} from './ddl.ts';
import { isNotNull, isSerial, type PgColumn, serialSequence, typeOf } from './snapshot.ts';

const alterTable = (name: string): string => `ALTER TABLE ${quote(name)}`;

/** What is generated from others goes first. */
export function dropColumns({ old, table, columns }: TableChange): string[] {
  const generated = columns.dropped.filter((column) => column.generated);
  const plain = columns.dropped.filter((column) => !column.generated);
  const freed = columns.kept.filter(([before, next]) => before.generated && !next.generated);
  return [
    ...generated.map(({ name }) => `${alterTable(old.name)} DROP COLUMN ${quote(name)};`),
    ...freed.map(([{ name }]) => `${alterTable(table.name)} ALTER COLUMN ${quote(name)} DROP EXPRESSION;`),
    ...plain.map(({ name }) => `${alterTable(old.name)} DROP COLUMN ${quote(name)};`),
  ];
}

/** All types of a table in one statement, so that it is written anew once; a default is never missing in between. */
export function retypeColumns({ old, table, columns }: TableChange, remade: ReadonlySet<string>): string[] {
  const actions = columns.kept.flatMap(([before, next]) => {
    const alter = `ALTER COLUMN ${quote(next.name)}`;
    const retyped = columns.retyped.some(([, one]) => one === next);
    const away = defaultIsInTheWay(old, before, retyped, remade);
    const value = away && next.identity === undefined ? effectiveDefault(table, next) : null;
    const comesLater = isSerial(next) && !isSerial(before);
    return [
      ...(away ? [`${alter} DROP DEFAULT`] : []),
      ...(retyped ? [`${alter} TYPE ${typeName(next)}${using(before, next)}`] : []),
      ...(value !== null && !comesLater ? [`${alter} SET DEFAULT ${value}`] : []),
    ];
  });
  return actions.length === 0 ? [] : [`${alterTable(table.name)}\n  ${actions.join(',\n  ')};`];
}

export function addPlainColumns({ table, columns }: TableChange): string[] {
  return columns.added.filter((column) => !column.generated).map((column) => addColumn(table.name, column));
}

export function addGeneratedColumns({ table, columns }: TableChange): string[] {
  return columns.added.filter((column) => column.generated).map((column) => addColumn(table.name, column));
}

const addColumn = (table: string, column: PgColumn): string =>
  `${alterTable(table)} ADD COLUMN ${columnDefinition(column)};`;

export function alterColumns(change: TableChange, remade: ReadonlySet<string>, online: boolean): string[] {
  return change.columns.kept.flatMap((pair) => alterColumn(change, pair, remade, online));
}

/** Last, when no primary key holds them any more. */
export function dropNotNulls({ old, table, columns }: TableChange): string[] {
  return columns.kept
    .filter(([before, next]) => isNotNull(old, before) && !isNotNull(table, next))
    .map(([, { name }]) => `${alterTable(table.name)} ALTER COLUMN ${quote(name)} DROP NOT NULL;`);
}

function alterColumn(
  { old, table, columns }: TableChange,
  [before, next]: Pair<PgColumn>,
  remade: ReadonlySet<string>,
  online: boolean,
): string[] {
  const alter = `${alterTable(table.name)} ALTER COLUMN ${quote(next.name)}`;
  const wasNotNull = isNotNull(old, before);
  const notNull = isNotNull(table, next);
  const retyped = columns.retyped.some(([, one]) => one === next);
  const isReset = defaultIsInTheWay(old, before, retyped, remade);
  const value = next.generated ? null : effectiveDefault(table, next);
  const current = isReset ? value : before.generated ? null : effectiveDefault(old, before);
  return [
    ...(before.identity && !next.identity ? [`${alter} DROP IDENTITY;`] : []),
    ...(isSerial(next) && !isSerial(before) ? createSequence(table.name, next) : []),
    ...(current !== null && value === null ? [`${alter} DROP DEFAULT;`] : []),
    ...(value !== null && (value !== current || (isSerial(next) && !isSerial(before)))
      ? [`${alter} SET DEFAULT ${value};`]
      : []),
    ...changeSequence(table.name, before, next),
    ...(!wasNotNull && notNull ? setNotNull(table.name, next, value, online) : []),
    ...changeIdentity(table.name, before, next),
  ];
}

/**
 * Rows that are empty where they may not be any more get the default, as SQLite's rebuilt table gives it to them. While
 * others use the table, a validated check spares SET NOT NULL its look at every row under an exclusive lock.
 */
function setNotNull(
  table: string,
  { name, generated }: PgColumn,
  value: string | null,
  online: boolean,
): string[] {
  const column = quote(name);
  const set = `${alterTable(table)} ALTER COLUMN ${column} SET NOT NULL;`;
  const fill =
    value === null || generated
      ? []
      : [`UPDATE ${quote(table)} SET ${column} = ${value} WHERE ${column} IS NULL;`];
  if (!online) return [...fill, set];
  const check = quote(temporaryName(`${table}_${name}_not_null`));
  return [
    `${alterTable(table)} ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID;`,
    ...fill,
    `${alterTable(table)} VALIDATE CONSTRAINT ${check};`,
    set,
    `${alterTable(table)} DROP CONSTRAINT ${check};`,
  ];
}

/** A serial that comes to a column with rows goes on after the greatest of its values. */
function createSequence(table: string, column: PgColumn): string[] {
  const sequence = serialSequence(table, column.name);
  const [owner, name] = [quote(table), quote(column.name)];
  return [
    `CREATE SEQUENCE ${quote(sequence)} AS ${typeOf(column)} OWNED BY ${owner}.${name};`,
    continueSequence(table, column.name, sequence),
  ];
}

function continueSequence(table: string, column: string, sequence: string): string {
  const name = quote(column);
  return (
    `SELECT setval(${literal(quote(sequence))}::regclass, max(${name}) + 1, false) ` +
    `FROM ${quote(table)} HAVING max(${name}) > 0;`
  );
}

/** The sequence of a serial that is none any more, or is one of another size. */
function changeSequence(table: string, before: PgColumn, next: PgColumn): string[] {
  if (!isSerial(before)) return [];
  const sequence = quote(serialSequence(table, before.name));
  if (!isSerial(next)) return [`DROP SEQUENCE ${sequence};`];
  return before.type === next.type ? [] : [`ALTER SEQUENCE ${sequence} AS ${typeOf(next)};`];
}

function changeIdentity(table: string, { identity: before }: PgColumn, next: PgColumn): string[] {
  const after = next.identity;
  if (!after) return [];
  const alter = `${alterTable(table)} ALTER COLUMN ${quote(next.name)}`;
  if (!before) {
    return [`${alter} ADD ${identity(after)};`, continueSequence(table, next.name, after.name)];
  }
  const always = after.type === 'always' ? 'ALWAYS' : 'BY DEFAULT';
  const options = sequenceOptions(after).filter((option, at) => option !== sequenceOptions(before)[at]);
  const changes = [
    ...(before.type === after.type ? [] : [`SET GENERATED ${always}`]),
    ...options.map((option) => `SET ${option}`),
  ];
  return [
    ...(before.name === after.name
      ? []
      : [`ALTER SEQUENCE ${quote(before.name)} RENAME TO ${quote(after.name)};`]),
    ...(changes.length === 0 ? [] : [`${alter} ${changes.join(' ')};`]),
  ];
}
