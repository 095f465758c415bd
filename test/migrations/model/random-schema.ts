/** A schema that changes at random, told by numbers, so that a failing one can be made smaller. */

import type { Rename } from '../../../src/migrations/generate/dialect.ts';
import type { Model, ModelColumn, ModelIndex, ModelTable } from './model.ts';

export type Value = string | number | boolean | null;

/** What a column's values mean; they stay the same whichever of its types the column has. */
export type Domain = 'id' | 'ref' | 'number' | 'truth' | 'logical' | 'word' | 'mood';
export const TYPES: Record<Domain, readonly string[]> = {
  id: ['varchar'],
  ref: ['varchar'],
  number: ['integer', 'text', 'float', 'varchar', 'smallint'],
  truth: ['boolean', 'integer'],
  logical: ['boolean', 'text'],
  word: ['text', 'varchar'],
  mood: ['mood', 'text', 'varchar'],
};
/** These labels never go: the values are of them. */
export const LABELS = ['sad', 'ok'];

export interface Column {
  readonly uid: number;
  readonly name: string;
  readonly domain: Domain;
  readonly type: string;
  readonly notNull: boolean;
  readonly default?: Exclude<Value, null>;
  /** It had to have a value at some time, so every row has one. */
  readonly wasNotNull: boolean;
  /** The table whose ids it holds. */
  readonly refers?: number;
  readonly generated?: { readonly from: number; readonly kind: 'stored' | 'virtual' };
}

export interface Table {
  readonly uid: number;
  readonly name: string;
  readonly columns: readonly Column[];
  /** The second column of the primary key. */
  readonly keyWith?: number;
  readonly indexes: readonly { readonly name: string; readonly kind: number; readonly column: number }[];
  readonly uniques: readonly { readonly name: string; readonly column: number }[];
  readonly checks: readonly { readonly name: string; readonly column: number; readonly limit: number }[];
  readonly keys: readonly {
    readonly name: string;
    readonly column: number;
    readonly onDelete?: 'cascade' | 'set null';
  }[];
}

export interface Schema {
  readonly tables: readonly Table[];
  readonly labels: readonly string[];
  /** The next number that names something. */
  readonly next: number;
}

const TEXTS = ['text', 'varchar'];
const quoted = (name: string) => `"${name}"`;
export const isText = (type: string): boolean => TEXTS.includes(type);
export const columnOf = (table: Table, uid: number): Column => table.columns.find((one) => one.uid === uid)!;

export function modelOf(schema: Schema): Model {
  const tables = schema.tables.map((table) => [table.name, tableOf(schema, table)] as const);
  return { enums: { mood: schema.labels }, tables: Object.fromEntries(tables) };
}

function tableOf(schema: Schema, table: Table): ModelTable {
  const name = (uid: number) => columnOf(table, uid).name;
  return {
    columns: Object.fromEntries(table.columns.map((column) => [column.name, modelColumn(table, column)])),
    key: [name(table.columns[0]!.uid), ...(table.keyWith === undefined ? [] : [name(table.keyWith)])],
    keyName: `pk_${table.uid}`,
    uniques: Object.fromEntries(
      table.uniques.map((one) => [one.name, [table.columns[0]!.name, name(one.column)]]),
    ),
    indexes: Object.fromEntries(
      table.indexes.map((one) => [one.name, indexOf(table, columnOf(table, one.column), one.kind)]),
    ),
    checks: Object.fromEntries(
      table.checks.map((one) => [one.name, checkOf(columnOf(table, one.column), one.limit)]),
    ),
    keys: Object.fromEntries(
      table.keys.map((one) => {
        const column = columnOf(table, one.column);
        const target = schema.tables.find(({ uid }) => uid === column.refers)!;
        const { onDelete } = one;
        const refers = [target.columns[0]!.name];
        return [
          one.name,
          { columns: [column.name], table: target.name, refers, ...(onDelete && { onDelete }) },
        ];
      }),
    ),
  };
}

function modelColumn(table: Table, column: Column): ModelColumn {
  const { type, notNull, generated } = column;
  if (generated) {
    const from = columnOf(table, generated.from);
    const as = isText(from.type) ? `lower(${quoted(from.name)})` : `${quoted(from.name)} * 2`;
    return { type, generated: { as, kind: generated.kind } };
  }
  const value = column.default === undefined ? undefined : stored(column.default, column);
  return { type, notNull, ...(value !== undefined && { default: value as Exclude<Value, null> }) };
}

function indexOf(table: Table, column: Column, kind: number): ModelIndex {
  const id = table.columns[0]!.name;
  const expression = isText(column.type) ? `lower(${quoted(column.name)})` : `(${quoted(column.name)})`;
  const kinds: ModelIndex[] = [
    { keys: [column.name] },
    { keys: [`${column.name} DESC`, id] },
    { keys: isText(column.type) ? [expression, id] : [id, column.name] },
    { keys: [id], where: `${quoted(column.name)} IS NOT NULL` },
    { keys: [id, column.name], unique: true },
  ];
  return kinds[kind % kinds.length]!;
}

function checkOf({ name, type }: Column, limit: number): string {
  const length = `length(${quoted(name)}) < ${1000 + limit}`;
  if (isText(type)) return length;
  return ['integer', 'smallint', 'float'].includes(type)
    ? `${quoted(name)} > ${-1000 - limit}`
    : `${quoted(name)} IS NULL OR ${quoted(name)} IS NOT NULL`;
}

/** The value in the form that its column has. */
export function stored(value: Value, { type, domain }: Pick<Column, 'type' | 'domain'>): Value {
  if (value === null || type === 'boolean') return value;
  if (isText(type) || type === 'mood') return String(value);
  return domain === 'truth' ? Number(value) : value;
}

/** What has another name, told from the same number behind it; columns under their table's new name. */
export function renamesBetween(from: Schema, to: Schema): Rename[] {
  const pairs = from.tables.flatMap((old) => {
    const now = to.tables.find(({ uid }) => uid === old.uid);
    return now ? [[old, now] as const] : [];
  });
  const tables = pairs
    .filter(([old, now]) => old.name !== now.name)
    .map(([old, now]): Rename => ({ kind: 'table', from: old.name, to: now.name }));
  const columns = pairs.flatMap(([old, now]) =>
    old.columns.flatMap((column): Rename[] => {
      const name = now.columns.find(({ uid }) => uid === column.uid)?.name ?? column.name;
      return name === column.name ? [] : [{ kind: 'column', table: now.name, from: column.name, to: name }];
    }),
  );
  return [...tables, ...columns];
}
