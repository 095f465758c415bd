import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Revision } from '../chain/revisions.ts';

/** What the facts about a statement need to know of the tables that it meets; read from a revision's snapshot. */
export interface KnownTable {
  readonly name: string;
  readonly columns: ReadonlyMap<string, KnownColumn>;
  readonly indexes: ReadonlyMap<string, KnownIndex>;
  readonly foreignKeys: ReadonlyMap<string, KnownForeignKey>;
  /** Columns of the primary key and of unique constraints, by name. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly checks: ReadonlyMap<string, string>;
}

export interface KnownColumn {
  readonly type: string;
  readonly notNull: boolean;
}

export interface KnownIndex {
  /** Names of columns, and expressions as SQL. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly where?: string;
}

export interface KnownForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly onDelete: string;
}

export type KnownSchema = ReadonlyMap<string, KnownTable>;

const EMPTY: KnownSchema = new Map();

/** What a revision leaves behind by its snapshot.json: empty for base, undefined where the file isn't there. */
export function schemaAfter(
  chainFolder: string,
  revision: Pick<Revision, 'folder'> | null,
): KnownSchema | undefined {
  if (!revision) return EMPTY;
  const file = join(chainFolder, revision.folder, 'snapshot.json');
  return existsSync(file) ? schemaOf(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** The part of a snapshot that both dialects have alike. */
interface SnapshotLike {
  readonly tables: Record<string, SnapshotTableLike>;
}

interface SnapshotTableLike {
  readonly name: string;
  readonly columns: Record<string, { name: string; type: string; notNull: boolean; primaryKey: boolean }>;
  readonly indexes: Record<string, { name: string; columns: IndexKey[]; isUnique: boolean; where?: string }>;
  readonly foreignKeys: Record<
    string,
    { name: string; tableTo: string; columnsFrom: string[]; onDelete?: string }
  >;
  readonly compositePrimaryKeys: Record<string, { name: string; columns: string[] }>;
  readonly uniqueConstraints: Record<string, { name: string; columns: string[] }>;
  readonly checkConstraints?: Record<string, { name: string; value: string }>;
}

type IndexKey = string | { expression: string };

export function schemaOf(snapshot: SnapshotLike): KnownSchema {
  return new Map(Object.values(snapshot.tables).map((table) => [table.name, tableOf(table)]));
}

function tableOf(table: SnapshotTableLike): KnownTable {
  const named = <T extends { name: string }, V>(all: Record<string, T> | undefined, value: (one: T) => V) =>
    new Map(Object.values(all ?? {}).map((one) => [one.name, value(one)]));
  const primary = Object.values(table.columns).filter((column) => column.primaryKey);
  const keys = new Map([
    ...named(table.compositePrimaryKeys, ({ columns }) => columns),
    ...named(table.uniqueConstraints, ({ columns }) => columns),
  ]);
  if (primary.length === 1) keys.set(`${table.name} primary key`, [primary[0]!.name]);
  return {
    name: table.name,
    columns: named(table.columns, ({ type, notNull }) => ({ type, notNull })),
    indexes: named(table.indexes, ({ columns, isUnique, where }) => ({
      columns: columns.map((key) => (typeof key === 'string' ? key : key.expression)),
      unique: isUnique,
      ...(where ? { where } : {}),
    })),
    foreignKeys: named(table.foreignKeys, ({ columnsFrom, tableTo, onDelete }) => ({
      columns: columnsFrom,
      table: tableTo,
      onDelete: onDelete ?? 'no action',
    })),
    keys,
    checks: named(table.checkConstraints, ({ value }) => value),
  };
}

/** Tables that refer to a table, with what happens to their rows when its rows are deleted. */
export function referrersOf(schema: KnownSchema, name: string): { table: string; onDelete: string }[] {
  return [...schema.values()]
    .filter((table) => table.name !== name)
    .flatMap((table) =>
      [...table.foreignKeys.values()]
        .filter((key) => key.table === name)
        .map(({ onDelete }) => ({ table: table.name, onDelete })),
    );
}

/** Whether the columns of a table hold each combination once already. */
export function isUniqueAlready(table: KnownTable | undefined, columns: readonly string[]): boolean {
  if (!table) return false;
  const within = (unique: readonly string[]) => unique.every((column) => columns.includes(column));
  const indexes = [...table.indexes.values()].filter((index) => index.unique && !index.where);
  return (
    [...table.keys.values()].some(within) || indexes.some((index) => within(index.columns.map(columnOfKey)))
  );
}

/** The column of an index's key, without its direction and collation. */
export function columnOfKey(key: string): string {
  const [, quoted, bare] = /^\s*(?:["`[]([^"`\]]+)["`\]]|(\w+))(?:\s|$)/.exec(key) ?? [];
  return quoted ?? bare ?? key;
}
