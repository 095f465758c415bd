/** Keys, constraints and indexes of both snapshots, so told that what is the same on both engines reads the same. */

import { createHash } from 'node:crypto';
import { canonical } from '../catalog/canonical.ts';
import type { PgSnapshot, PgTable } from '../pg/generate/snapshot.ts';
import { keyOf, primaryKeyOf } from '../pg/generate/snapshot.ts';
import type { SqliteSnapshot, SqliteTable } from '../sqlite/generate/ddl.ts';

interface SnapshotFact {
  /** What both engines must have alike: SQL in an index or a check is spelled by each in its own way. */
  readonly same: string;
  /** As a live catalog's fact, for the patterns of the notes. */
  readonly text: string;
}

interface Key {
  readonly name: string;
  readonly columns: string[];
}

interface ForeignKey {
  readonly name: string;
  readonly tableTo: string;
  readonly columnsFrom: string[];
  readonly columnsTo: string[];
  readonly onDelete?: string;
  readonly onUpdate?: string;
}

interface Index {
  readonly name: string;
  readonly isUnique: boolean;
  readonly where?: string;
  readonly method: string;
  readonly keys: IndexKey[];
}

interface IndexKey {
  readonly same: string;
  readonly text: string;
}

/** What one of them has and the other hasn't, of tables that both have; the compiler compares tables and columns. */
export function snapshotDifferences(sqlite: SqliteSnapshot, pg: PgSnapshot): string[] {
  return Object.values(sqlite.tables).flatMap((one) => {
    const other = pg.tables[keyOf(one.name)];
    if (!other) return [];
    const [inSqlite, inPg] = [sqliteFacts(one), pgFacts(other)];
    return [
      ...missing(inSqlite, inPg).map((text) => `SQLite: ${one.name}: ${text}`),
      ...missing(inPg, inSqlite).map((text) => `Postgres: ${one.name}: ${text}`),
    ];
  });
}

function missing(from: readonly SnapshotFact[], others: readonly SnapshotFact[]): string[] {
  const known = new Set(others.map(({ same }) => same));
  return from.filter(({ same }) => !known.has(same)).map(({ text }) => text);
}

function sqliteFacts(table: SqliteTable): SnapshotFact[] {
  const own = Object.values(table.columns).filter(({ primaryKey }) => primaryKey);
  const [key] = Object.values(table.compositePrimaryKeys);
  const indexes = Object.values(table.indexes).map(
    (index): Index => ({ ...index, method: 'btree', keys: index.columns.map((text) => indexKey(text)) }),
  );
  return [...keyFacts(table, key?.columns ?? own.map(({ name }) => name)), ...indexes.map(indexFact)];
}

function pgFacts(table: PgTable): SnapshotFact[] {
  const indexes = Object.values(table.indexes).map(
    (index): Index => ({
      ...index,
      keys: index.columns.map(({ expression, asc, opclass }) => indexKey(expression, !asc, opclass)),
    }),
  );
  return [...keyFacts(table, primaryKeyOf(table)?.columns ?? []), ...indexes.map(indexFact)];
}

interface Keys {
  readonly uniqueConstraints: Record<string, Key>;
  readonly foreignKeys: Record<string, ForeignKey>;
  readonly checkConstraints: Record<string, { readonly name: string; readonly value: string }>;
}

function keyFacts(table: Keys, primary: readonly string[]): SnapshotFact[] {
  const alike = (text: string): SnapshotFact => ({ same: text, text });
  return [
    alike(`primary key (${primary.join(', ')})`),
    ...Object.values(table.uniqueConstraints).map(({ name, columns }) =>
      alike(`unique ${shortName(name)} (${columns.join(', ')})`),
    ),
    ...Object.values(table.foreignKeys).map((key) => alike(foreignKey(key))),
    ...Object.values(table.checkConstraints).map(({ name, value }) => ({
      same: `check ${shortName(name)}`,
      text: `check ${shortName(name)} ${canonical(value)}`,
    })),
  ];
}

const foreignKey = (key: ForeignKey): string =>
  `foreign key ${shortName(key.name)} (${key.columnsFrom.join(', ')}) to ${key.tableTo} ` +
  `(${key.columnsTo.join(', ')}) on delete ${key.onDelete ?? 'no action'} on update ${key.onUpdate ?? 'no action'}`;

const INDEX_KEY = /^(.*?)(?:\s+collate\s+"?(\w+)"?)?(?:\s+(asc|desc))?$/is;

function indexKey(expression: string, descending = false, opclass?: string): IndexKey {
  const [, what = '', collation, order] = INDEX_KEY.exec(expression.trim()) ?? [];
  const way = descending || order?.toLowerCase() === 'desc' ? ' desc' : '';
  const name = /^(?:"((?:[^"]|"")+)"|[^\s"()]+)$/.exec(what);
  const column = name ? (name[1] ?? what) : undefined;
  const marks = `${collation ? ` collate ${collation}` : ''}${opclass ? ` ${opclass}` : ''}`;
  return {
    same: `${column ?? 'an expression'}${marks}${way}`,
    text: `${column ?? canonical(what)}${marks}${way}`,
  };
}

function indexFact({ name, isUnique, where, method, keys }: Index): SnapshotFact {
  const told = (part: (key: IndexKey) => string): string =>
    `${isUnique ? 'unique index' : 'index'} ${name} ${method} (${keys.map(part).join(', ')})`;
  return {
    same: `${told(({ same }) => same)}${where ? ' where' : ''}`,
    text: `${told(({ text }) => text)}${where ? ` where ${canonical(where)}` : ''}`,
  };
}

/** PostgreSQL keeps 63 characters of a name: Prefect's own end in a hash there where SQLite has the whole. */
export function shortName(name: string): string {
  if (name.length <= 63) return name;
  return `${name.slice(0, 55)}_${createHash('md5').update(name).digest('hex').slice(-4)}`;
}
