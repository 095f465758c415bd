import type {
  Catalog,
  CatalogColumn,
  CatalogEnum,
  CatalogIndex,
  CatalogKey,
  CatalogTable,
  CatalogTrigger,
} from '../catalog/catalog.ts';
import { type CatalogSchema, catalogQuery } from './catalog-query.ts';

type Read = (text: string) => Promise<unknown[]>;
type OfTable<T> = T & { readonly table: string };
type ConstraintRow = OfTable<CatalogKey> & {
  readonly type: string;
  readonly refTable: string;
  readonly refColumns: string[];
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly expression: string;
};

interface CatalogRow {
  tables: { name: string; options: string[] }[];
  columns: OfTable<CatalogColumn>[];
  constraints: ConstraintRow[];
  indexes: OfTable<CatalogIndex>[];
  triggers: OfTable<CatalogTrigger>[];
  enums: CatalogEnum[];
  extensions: { name: string }[];
  views: { name: string; definition: string }[];
}

/** Everything in the schema that the server uses, in one statement; expressions as PostgreSQL prints them. */
export async function readPgCatalog(read: Read, schema: CatalogSchema = 'current'): Promise<Catalog> {
  const [row] = (await read(catalogQuery(schema))) as { catalog: string | CatalogRow }[];
  // Connections differ in whether they parse JSON.
  const data: CatalogRow = typeof row!.catalog === 'string' ? JSON.parse(row!.catalog) : row!.catalog;
  const tables: Record<string, CatalogTable> = {};
  for (const { name, options } of data.tables) tables[name] = { ...emptyTable(), options };
  for (const { table, ...column } of data.columns) tables[table]!.columns.push(column);
  for (const constraint of data.constraints) addConstraint(tables[constraint.table]!, constraint);
  for (const { table, ...index } of data.indexes) tables[table]!.indexes.push(index);
  for (const { table, ...trigger } of data.triggers) tables[table]!.triggers.push(trigger);
  return { enums: data.enums, extensions: data.extensions, views: data.views, tables };
}

function emptyTable(): CatalogTable {
  return {
    columns: [],
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
    triggers: [],
    options: [],
  };
}

function addConstraint(table: CatalogTable, row: ConstraintRow): void {
  const { name, columns, marks, definition, refTable, refColumns, onDelete, onUpdate } = row;
  const key: CatalogKey = { name, columns, marks, definition };
  if (row.type === 'p') Object.assign(table, { primaryKey: key });
  if (row.type === 'u') table.uniques.push(key);
  if (row.type === 'f') table.foreignKeys.push({ ...key, refTable, refColumns, onDelete, onUpdate });
  // Constraints of exclusion have no kind of their own here: whoever adds one is told of a difference.
  if (row.type === 'c') table.checks.push({ ...key, expression: row.expression });
  if (row.type === 'x') table.checks.push({ ...key, expression: definition });
}
