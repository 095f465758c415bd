/** A schema in words that both dialects' builders understand, so that one test evolves both. */

import { sql } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import * as sqlite from 'drizzle-orm/sqlite-core';
import type { ChainName } from '../../../src/migrations/chain/revisions.ts';
import type { SchemaModules } from '../../../src/migrations/generate/dialect.ts';
import * as pgColumns from '../../../src/schema/pg/columns.ts';
import * as sqliteColumns from '../../../src/schema/sqlite/columns.ts';

/** The kinds of columns that the server itself has, or the name of an enumeration of the model. */
export type ColumnType = (typeof PLAIN_TYPES)[number] | (string & {});
const PLAIN_TYPES = [
  'text',
  'varchar',
  'integer',
  'smallint',
  'float',
  'boolean',
  'uuid',
  'timestamp',
  'json',
] as const;

export interface ModelColumn {
  readonly type: ColumnType;
  readonly notNull?: boolean;
  readonly default?: string | number | boolean | { readonly sql: string };
  /** PostgreSQL's are always stored. */
  readonly generated?: { readonly as: string; readonly kind: 'stored' | 'virtual' };
}

export interface ModelIndex {
  /** Names of columns, `name DESC`, or expressions. */
  readonly keys: readonly string[];
  readonly unique?: boolean;
  readonly where?: string;
  readonly only?: ChainName;
  /** PostgreSQL's alone. */
  readonly using?: 'gin';
  readonly opclass?: string;
}

export interface ModelForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly refers: readonly string[];
  readonly onDelete?: 'cascade' | 'set null' | 'restrict';
}

export interface ModelTable {
  readonly columns: Record<string, ModelColumn>;
  readonly key: readonly string[];
  readonly keyName?: string;
  readonly uniques?: Record<string, readonly string[]>;
  readonly indexes?: Record<string, ModelIndex>;
  readonly keys?: Record<string, ModelForeignKey>;
  readonly checks?: Record<string, string>;
}

export interface Model {
  readonly enums?: Record<string, readonly string[]>;
  readonly tables: Record<string, ModelTable>;
}

type Built = pg.PgTable & Record<string, pg.AnyPgColumn>;
type Builder = pg.PgColumnBuilderBase & {
  notNull(): Builder;
  default(value: unknown): Builder;
  generatedAlwaysAs(as: unknown, options?: { mode: string }): Builder;
};
type Kinds = Record<string, () => Builder>;
/** SQLite's functions take the same arguments. */
const builders = { pg, sqlite: sqlite as unknown as typeof pg };

/** The model as the modules of a dialect's schema. */
export function modulesOf(model: Model, chain: ChainName): SchemaModules {
  const enums = Object.entries(model.enums ?? {});
  const kinds: Kinds = {
    ...((chain === 'pg' ? pgColumns : sqliteColumns) as unknown as Kinds),
    ...Object.fromEntries(enums.map(([name, labels]) => [name, enumKind(name, labels, chain)])),
  };
  const tables: Record<string, Built> = {};
  for (const [name, table] of Object.entries(model.tables)) {
    tables[name] = build(name, table, chain, kinds, tables);
  }
  return {
    ...tables,
    ...(chain === 'pg' && Object.fromEntries(enums.map(([name]) => [`${name}_enum`, kinds[name]]))),
  };
}

function enumKind(name: string, labels: readonly string[], chain: ChainName): () => Builder {
  if (chain === 'pg') return pg.pgEnum(name, labels as [string, ...string[]]) as unknown as () => Builder;
  const length = Math.max(...labels.map((label) => label.length));
  return sqlite.customType<{ data: string }>({
    dataType: () => `VARCHAR(${length})`,
  }) as unknown as () => Builder;
}

function build(
  name: string,
  table: ModelTable,
  chain: ChainName,
  kinds: Kinds,
  others: Record<string, Built>,
): Built {
  const columns = Object.entries(table.columns).map(([key, column]) => [key, builder(column, chain, kinds)]);
  const create = chain === 'pg' ? pg.pgTable : (sqlite.sqliteTable as unknown as typeof pg.pgTable);
  return create(name, Object.fromEntries(columns), (self): pg.PgTableExtraConfigValue[] =>
    extras(name, table, chain, self as unknown as Built, others),
  ) as unknown as Built;
}

function builder(column: ModelColumn, chain: ChainName, kinds: Kinds): Builder {
  let made = kinds[column.type]!();
  if (column.notNull) made = made.notNull();
  if (column.default !== undefined) {
    const value = column.default;
    made = made.default(typeof value === 'object' ? sql.raw(value.sql) : value);
  }
  if (column.generated) {
    const as = sql.raw(column.generated.as);
    made =
      chain === 'pg'
        ? made.generatedAlwaysAs(as)
        : made.generatedAlwaysAs(as, { mode: column.generated.kind });
  }
  return made;
}

function extras(
  name: string,
  table: ModelTable,
  chain: ChainName,
  self: Built,
  others: Record<string, Built>,
): pg.PgTableExtraConfigValue[] {
  const { primaryKey, unique, foreignKey, check } = builders[chain];
  type Columns = [pg.AnyPgColumn, ...pg.AnyPgColumn[]];
  const pick = (from: Built, names: readonly string[]) => names.map((one) => from[one]!) as Columns;
  return [
    primaryKey({ name: table.keyName ?? `pk_${name}`, columns: pick(self, table.key) }),
    ...Object.entries(table.uniques ?? {}).map(([key, names]) => unique(key).on(...pick(self, names))),
    ...Object.entries(table.keys ?? {}).map(([key, { columns, table: target, refers, onDelete }]) => {
      const foreignColumns = pick(target === name ? self : others[target]!, refers);
      const made = foreignKey({ name: key, columns: pick(self, columns), foreignColumns });
      return onDelete ? made.onDelete(onDelete) : made;
    }),
    ...Object.entries(table.checks ?? {}).map(([key, text]) => check(key, sql.raw(text))),
    ...Object.entries(table.indexes ?? {})
      .filter(([, { only }]) => only === undefined || only === chain)
      .map(([key, index]) => buildIndex(key, index, chain, self)),
  ];
}

function buildIndex(
  name: string,
  index: ModelIndex,
  chain: ChainName,
  self: Built,
): pg.PgTableExtraConfigValue {
  const { index: plain, uniqueIndex } = builders[chain];
  const start = (index.unique ? uniqueIndex : plain)(name);
  const keys = index.keys.map((key) => {
    if (self[key] && index.opclass) return (self[key] as unknown as pg.ExtraConfigColumn).op(index.opclass);
    if (self[key]) return self[key];
    const name = /^(.+) DESC$/.exec(key)?.[1] ?? '';
    const column = self[name] as unknown as pg.ExtraConfigColumn | undefined;
    if (!column) return sql.raw(key);
    return chain === 'pg' ? column.desc().nullsFirst() : sql.raw(`"${name}" DESC`);
  }) as [pg.AnyPgColumn];
  const made = index.using && chain === 'pg' ? start.using(index.using, ...keys) : start.on(...keys);
  return index.where ? made.where(sql.raw(index.where)) : made;
}
