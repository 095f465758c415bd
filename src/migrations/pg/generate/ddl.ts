/** PostgreSQL's DDL. No statement names a schema: the search path decides. */

import { createHash } from 'node:crypto';
import { literal, quote, quoteList } from '../../quotes.ts';
import {
  type PgCheck,
  type PgColumn,
  type PgForeignKey,
  type PgIdentity,
  type PgIndex,
  type PgIndexKey,
  type PgKey,
  type PgTable,
  type PgUnique,
  primaryKeyOf,
  serialSequence,
  typeOf,
} from './snapshot.ts';

export const MAX_NAME_BYTES = 63;

/** The name of something that is there for a while only; PostgreSQL would cut a longer one. */
export function temporaryName(name: string): string {
  const whole = `__new_${name}`;
  if (Buffer.byteLength(whole) <= MAX_NAME_BYTES) return whole;
  const start = Buffer.from(whole).subarray(0, 50).toString('utf8').replaceAll('\ufffd', '');
  return `${start}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** Indexes and foreign keys stand apart: they come when all tables and columns are there. */
export function createTable(table: PgTable): string {
  const key = primaryKeyOf(table);
  const apart = uniquesApart(table);
  const parts = [
    ...Object.values(table.columns).map((column) => columnDefinition(column)),
    ...(key ? [primaryKey(key)] : []),
    ...Object.values(table.uniqueConstraints)
      .filter((unique) => !apart.includes(unique))
      .map(uniqueConstraint),
    ...Object.values(table.checkConstraints).map(checkConstraint),
  ];
  return `CREATE TABLE ${quote(table.name)} (\n  ${parts.join(',\n  ')}\n);`;
}

/** Of keys with the same columns CREATE TABLE makes only the first, without a word: the others are added after it. */
export function uniquesApart(table: PgTable): PgUnique[] {
  const columnsOf = (key: PgKey) => JSON.stringify(key.columns);
  const key = primaryKeyOf(table);
  const seen = new Set(key ? [columnsOf(key)] : []);
  return Object.values(table.uniqueConstraints).filter((unique) => {
    const isSecond = seen.has(columnsOf(unique));
    seen.add(columnsOf(unique));
    return isSecond;
  });
}

export function columnDefinition(column: PgColumn): string {
  const words = [quote(column.name), column.typeSchema ? enumType(column.type) : column.type];
  const value = defaultValue(column);
  if (value !== null) words.push(`DEFAULT ${value}`);
  if (column.generated) words.push(`GENERATED ALWAYS AS (${column.generated.as}) STORED`);
  if (column.identity) words.push(identity(column.identity));
  if (column.notNull) words.push('NOT NULL');
  return words.join(' ');
}

/** As it stands in a cast or a change of the type. */
export function typeName(column: PgColumn): string {
  return column.typeSchema ? enumType(column.type) : typeOf(column);
}

function enumType(type: string): string {
  const [, name = type, dimensions = ''] = /^(.*?)((?:\[\d*\])*)$/.exec(type) ?? [];
  return `${quote(name)}${dimensions}`;
}

/** The name of the enumeration that a column's values, or those of its array, are of. */
export function enumOf(column: PgColumn): string | null {
  return column.typeSchema ? column.type.replace(/(?:\[\d*\])+$/, '') : null;
}

/** The SQL of the default that the schema declares, or null. */
export function defaultValue(column: PgColumn): string | null {
  const value = column.default;
  if (value === undefined) return null;
  return typeof value === 'object' && value !== null ? literal(JSON.stringify(value)) : String(value);
}

/** With the default that a serial has without one in the schema. */
export function effectiveDefault(table: PgTable, column: PgColumn): string | null {
  if (typeOf(column) === column.type) return defaultValue(column);
  return `nextval(${literal(quote(serialSequence(table.name, column.name)))}::regclass)`;
}

export function identity(of: PgIdentity): string {
  const always = of.type === 'always' ? 'ALWAYS' : 'BY DEFAULT';
  return `GENERATED ${always} AS IDENTITY (SEQUENCE NAME ${quote(of.name)} ${sequenceOptions(of).join(' ')})`;
}

export function sequenceOptions(of: PgIdentity): string[] {
  return [
    `INCREMENT BY ${of.increment}`,
    `MINVALUE ${of.minValue}`,
    `MAXVALUE ${of.maxValue}`,
    `START WITH ${of.startWith}`,
    `CACHE ${of.cache}`,
    of.cycle ? 'CYCLE' : 'NO CYCLE',
  ];
}

export function primaryKey({ name, columns }: PgKey): string {
  return `CONSTRAINT ${quote(name)} PRIMARY KEY (${quoteList(columns)})`;
}

export function uniqueConstraint({ name, columns, nullsNotDistinct }: PgUnique): string {
  const nulls = nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
  return `CONSTRAINT ${quote(name)} UNIQUE${nulls} (${quoteList(columns)})`;
}

export function checkConstraint({ name, value }: PgCheck): string {
  return `CONSTRAINT ${quote(name)} CHECK (${value})`;
}

export function foreignKey(key: PgForeignKey): string {
  const actions = [
    ['ON DELETE', actionOf(key.onDelete)],
    ['ON UPDATE', actionOf(key.onUpdate)],
  ].filter(([, action]) => action !== 'no action');
  return [
    `CONSTRAINT ${quote(key.name)} FOREIGN KEY (${quoteList(key.columnsFrom)})`,
    `REFERENCES ${quote(key.tableTo)} (${quoteList(key.columnsTo)})`,
    ...actions.map(([event, action]) => `${event} ${action!.toUpperCase()}`),
  ].join(' ');
}

export const actionOf = (action: string | undefined): string => action ?? 'no action';

export interface IndexOptions {
  /** A name other than its own. */
  readonly name?: string;
  readonly concurrently: boolean;
}

export function createIndex(table: PgTable, index: PgIndex, options: IndexOptions): string {
  const name = quote(options.name ?? index.name);
  const keys = index.columns.map((key) => indexKey(key, index.method)).join(', ');
  const settings = Object.entries(index.with).map(([option, value]) => `${option} = ${value}`);
  return `${[
    index.isUnique ? 'CREATE UNIQUE INDEX' : 'CREATE INDEX',
    options.concurrently ? `CONCURRENTLY IF NOT EXISTS ${name}` : name,
    `ON ${quote(table.name)} USING ${index.method} (${keys})`,
    ...(settings.length > 0 ? [`WITH (${settings.join(', ')})`] : []),
    ...(index.where === undefined ? [] : [`WHERE ${index.where}`]),
  ].join(' ')};`;
}

/** An expression stands as it is: it may hold an order, and what is included in the index behind the last of them. */
function indexKey(key: PgIndexKey, method: string): string {
  if (key.isExpression) return key.expression;
  const words = [quote(key.expression)];
  if (key.opclass) words.push(key.opclass);
  if (method === 'btree') {
    if (!key.asc) words.push('DESC');
    if (key.nulls !== (key.asc ? 'last' : 'first')) words.push(`NULLS ${key.nulls.toUpperCase()}`);
  }
  return words.join(' ');
}
