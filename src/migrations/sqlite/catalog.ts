import type {
  Catalog,
  CatalogColumn,
  CatalogForeignKey,
  CatalogIndex,
  CatalogKey,
  CatalogTable,
} from '../catalog/catalog.ts';
import { readIndexText, readTableText, type TableText, type WrittenConstraint } from './table-text.ts';

type Read = (text: string) => Promise<unknown[]>;

interface SchemaRow {
  type: 'table' | 'view' | 'index' | 'trigger';
  name: string;
  tbl_name: string;
  /** Null for an index that a constraint has made. */
  sql: string | null;
}

interface ColumnRow {
  owner: string;
  name: string;
  type: string;
  notnull: number;
  dflt_value: string | null;
  pk: number;
  /** 2 for a virtual generated column, 3 for a stored one. */
  hidden: number;
}

interface ForeignKeyRow {
  owner: string;
  id: number;
  ref: string;
  from: string;
  /** Null for the primary key of the other table. */
  to: string | null;
  on_update: string;
  on_delete: string;
}

interface IndexRow {
  owner: string;
  name: string;
  unique: number;
  origin: 'c' | 'u' | 'pk';
  column: string | null;
  desc: number;
  coll: string;
}

const SCHEMA = String.raw`select type, name, tbl_name, sql from sqlite_master where name not like 'sqlite\_%' escape '\' order by name`;

const PRAGMA = (columns: string, pragma: string, order: string) => String.raw`
  select m.name as owner, ${columns} from sqlite_master m, ${pragma}
  where m.type = 'table' and m.name not like 'sqlite\_%' escape '\' order by m.name, ${order}`;

const COLUMNS = PRAGMA(
  'x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden',
  'pragma_table_xinfo(m.name) x',
  'x.cid',
);
const FOREIGN_KEYS = PRAGMA(
  'f.id, f."table" as ref, f."from", f."to", f.on_update, f.on_delete',
  'pragma_foreign_key_list(m.name) f',
  'f.id desc, f.seq',
);
const INDEXES = PRAGMA(
  'l.name, l."unique", l.origin, x.name as "column", x."desc", x.coll',
  'pragma_index_list(m.name) l, pragma_index_xinfo(l.name) x',
  'l.name, x.seqno',
).replace(' order by', ' and x.key = 1 order by');

export async function readSqliteCatalog(read: Read): Promise<Catalog> {
  const schema = (await read(SCHEMA)) as SchemaRow[];
  const columns = byOwner((await read(COLUMNS)) as ColumnRow[]);
  const foreignKeys = byOwner((await read(FOREIGN_KEYS)) as ForeignKeyRow[]);
  const indexes = byOwner((await read(INDEXES)) as IndexRow[]);
  const tables: Record<string, CatalogTable> = {};
  for (const { type, name, sql } of schema) {
    if (type !== 'table') continue;
    const text = readTableText(sql ?? '');
    tables[name] = {
      columns: (columns.get(name) ?? []).map((row) => readColumn(row, text)),
      ...readKeys(text, columns.get(name) ?? []),
      foreignKeys: readForeignKeys(text, foreignKeys.get(name) ?? []),
      indexes: readIndexes(indexes.get(name) ?? [], schema),
      triggers: of(schema, 'trigger')
        .filter((trigger) => trigger.tbl_name === name)
        .map((trigger) => ({ name: trigger.name, definition: trigger.sql ?? '' })),
      options: text.options,
    };
  }
  const views = of(schema, 'view').map((view) => ({ name: view.name, definition: view.sql ?? '' }));
  return { enums: [], extensions: [], tables, views };
}

const of = (schema: SchemaRow[], type: SchemaRow['type']) => schema.filter((row) => row.type === type);

function byOwner<Row extends { owner: string }>(rows: Row[]): Map<string, Row[]> {
  const map = new Map<string, Row[]>();
  for (const row of rows) map.set(row.owner, [...(map.get(row.owner) ?? []), row]);
  return map;
}

function readColumn(row: ColumnRow, text: TableText): CatalogColumn {
  const written = text.columns.get(row.name.toLowerCase());
  const generated = written?.generated ?? null;
  const collation = written?.collation?.toUpperCase() ?? 'BINARY';
  return {
    name: row.name,
    type: row.type.replace(/ ?generated always$/i, ''),
    nullable: row.notnull === 0,
    default: row.dflt_value,
    generated: generated === null ? null : { expression: generated, stored: row.hidden === 3 },
    identity: null,
    collation: collation === 'BINARY' ? null : collation,
  };
}

function readKeys(
  { constraints }: TableText,
  columns: ColumnRow[],
): Pick<CatalogTable, 'primaryKey' | 'uniques' | 'checks'> {
  const ofKind = (kind: WrittenConstraint['kind']) =>
    constraints.filter((constraint) => constraint.kind === kind);
  const key = ({ name, columns }: WrittenConstraint): CatalogKey => ({
    name,
    columns,
    marks: [],
    definition: '',
  });
  const ordered = columns.filter((column) => column.pk > 0).sort((a, b) => a.pk - b.pk);
  const [primary] = ofKind('primary key');
  return {
    primaryKey: primary ? { ...key(primary), columns: ordered.map((column) => column.name) } : null,
    uniques: ofKind('unique').map(key),
    checks: ofKind('check').map((check) => ({ ...key(check), expression: check.expression })),
  };
}

/** The pragma tells what each one does, the text what it is called. */
function readForeignKeys({ constraints }: TableText, rows: ForeignKeyRow[]): CatalogForeignKey[] {
  const written = constraints.filter((constraint) => constraint.kind === 'foreign key');
  const ids = [...new Set(rows.map((row) => row.id))];
  return ids.map((id) => {
    const parts = rows.filter((row) => row.id === id);
    const [{ ref, on_delete, on_update }] = parts as [ForeignKeyRow];
    const columns = parts.map((part) => part.from);
    const at = written.findIndex(
      (one) => same(one.refTable, ref) && same(one.columns.join('\0'), columns.join('\0')),
    );
    const [text] = at < 0 ? [] : written.splice(at, 1);
    return {
      name: text?.name ?? '',
      columns,
      refTable: ref,
      refColumns: parts.flatMap((part) => (part.to === null ? [] : [part.to])),
      onDelete: on_delete,
      onUpdate: on_update,
      marks: text?.deferred ? ['deferrable initially deferred'] : [],
      definition: '',
    };
  });
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function readIndexes(rows: IndexRow[], schema: SchemaRow[]): CatalogIndex[] {
  const written = new Map(of(schema, 'index').map((row) => [row.name, row.sql]));
  const names = [...new Set(rows.filter((row) => row.origin === 'c').map((row) => row.name))];
  return names.map((name) => {
    const parts = rows.filter((row) => row.name === name);
    const sql = written.get(name) ?? '';
    const { keys, predicate } = readIndexText(sql);
    return {
      name,
      unique: parts[0]!.unique === 1,
      method: 'btree',
      keys: parts.map((part, at) => ({
        column: part.column,
        expression: part.column === null ? (keys[at] ?? '') : null,
        desc: part.desc === 1,
        nulls: null,
        collation: /^binary$/i.test(part.coll) ? null : part.coll.toUpperCase(),
        opclass: null,
      })),
      include: [],
      predicate,
      marks: [],
      definition: sql,
    };
  });
}
