import { canonical } from '../../src/migrations/catalog/canonical.ts';
import type {
  Catalog,
  CatalogColumn,
  CatalogIndexKey,
  CatalogKey,
  CatalogTable,
} from '../../src/migrations/catalog/catalog.ts';
import type { ChainName } from '../../src/migrations/chain/revisions.ts';
import { shortName } from '../../src/migrations/check/snapshot-facts.ts';
import { describeCatalog, isColumnOrder } from '../support/catalog-text.ts';
import { COMPUTED_DEFAULTS, ENUM_ON_SQLITE, SAME_VALUES, TYPES, withoutLength } from './types.ts';

/**
 * A catalog's facts in words that are the same on both engines where the facts are. The order of columns is none: a
 * column that one engine adds at the end comes in its place where the other rebuilds the table, and nothing reads by position.
 */
export function neutralFacts(catalog: Catalog, chain: ChainName): string[] {
  const enums = new Set(catalog.enums.map(({ name }) => name));
  const tables = Object.entries(catalog.tables).map(
    ([name, table]) =>
      [name, neutralTable(table, (column) => neutralType(column.type, chain, enums))] as const,
  );
  return describeCatalog({ ...catalog, enums: [], tables: Object.fromEntries(tables) }).filter(
    (fact) => !isColumnOrder(fact),
  );
}

/** What the two don't share, each with its engine's name before it. */
export function differencesOf(catalogs: { sqlite: Catalog; pg: Catalog }): string[] {
  const sqlite = neutralFacts(catalogs.sqlite, 'sqlite');
  const pg = neutralFacts(catalogs.pg, 'pg');
  const [inSqlite, inPg] = [new Set(sqlite), new Set(pg)];
  return [
    ...sqlite.filter((fact) => !inPg.has(fact)).map((fact) => `SQLite: ${fact}`),
    ...pg.filter((fact) => !inSqlite.has(fact)).map((fact) => `Postgres: ${fact}`),
  ].sort();
}

function neutralType(type: string, chain: ChainName, enums: Set<string>): string {
  if (chain === 'sqlite') return withoutLength(type);
  if (enums.has(type.replaceAll('"', ''))) return ENUM_ON_SQLITE;
  return TYPES[type]?.sqlite ?? type;
}

function neutralTable(table: CatalogTable, typeOf: (column: CatalogColumn) => string): CatalogTable {
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      type: typeOf(column),
      default: column.default === null ? null : neutralDefault(column.default),
    })),
    primaryKey: table.primaryKey && neutralKey(table.primaryKey),
    uniques: table.uniques.map(neutralKey),
    foreignKeys: table.foreignKeys.map(neutralKey),
    checks: table.checks.map((check) => ({
      ...neutralKey(check),
      expression: neutralExpression(check.expression),
    })),
    indexes: table.indexes.map((index) => ({
      ...index,
      keys: index.keys.map(neutralIndexKey),
      predicate: index.predicate === null ? null : neutralExpression(index.predicate),
    })),
  };
}

function neutralDefault(text: string): string {
  const value = neutralExpression(text);
  const [, word] = COMPUTED_DEFAULTS.find(([pattern]) => pattern.test(value)) ?? [];
  if (word) return word;
  const bare = value.replace(/^'((?:[^']|'')*)'$/, '$1');
  return `'${SAME_VALUES[bare] ?? bare}'`;
}

/** PostgreSQL names the type of each literal and has one word for `!=`. */
function neutralExpression(text: string): string {
  return canonical(text)
    .replace(/('(?:[^']|'')*')::[a-z_]+(?: [a-z_]+)*(?:\[\])?/g, '$1')
    .replaceAll('!=', '<>');
}

function neutralIndexKey(key: CatalogIndexKey): CatalogIndexKey {
  // SQLite has one order of NULLs, and no operator classes.
  const { expression } = key;
  return { ...key, expression: expression === null ? null : neutralExpression(expression) };
}

const neutralKey = <Key extends CatalogKey>(key: Key): Key => ({ ...key, name: shortName(key.name) });
