import type pg from 'pg';
import type {
  Catalog,
  CatalogColumn,
  CatalogForeignKey,
  CatalogIndex,
  CatalogKey,
  CatalogTable,
} from '../catalog.ts';

/** Everything in the schema `public`; expressions as PostgreSQL prints them. */
export async function readPgCatalog(client: pg.Client): Promise<Catalog> {
  const all = async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows;
  const tables: Record<string, CatalogTable> = {};
  for (const { name } of await all<{ name: string }>(TABLES)) {
    tables[name] = {
      columns: [],
      primary_key: null,
      unique_constraints: [],
      foreign_keys: [],
      check_constraints: [],
      indexes: [],
    };
  }
  for (const { table, ...column } of await all<CatalogColumn & { table: string }>(COLUMNS)) {
    tables[table]!.columns.push(column);
  }
  for (const row of await all<ConstraintRow>(CONSTRAINTS)) addConstraint(tables[row.table]!, row);
  for (const { table, ...index } of await all<CatalogIndex & { table: string }>(INDEXES)) {
    tables[table]!.indexes.push(index);
  }
  return {
    enums: await all<{ name: string; values: string[] }>(ENUMS),
    extensions: await all<{ name: string }>('select extname as name from pg_extension'),
    tables,
  };
}

type ConstraintRow = CatalogForeignKey & { table: string; type: string; expression: string };

function addConstraint(table: CatalogTable, row: ConstraintRow): void {
  const { name, columns, ref_table, ref_columns, on_delete, on_update, expression } = row;
  const key: CatalogKey = { name, columns };
  if (row.type === 'p') Object.assign(table, { primary_key: key });
  if (row.type === 'u') table.unique_constraints.push(key);
  if (row.type === 'f') table.foreign_keys.push({ ...key, ref_table, ref_columns, on_delete, on_update });
  if (row.type === 'c') table.check_constraints.push({ name, expression });
}

const TABLES = `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`;

const COLUMNS = `
  select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull as nullable, pg_get_expr(d.adbin, d.adrelid) as default
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped
  order by c.relname, a.attnum`;

const ACTION = (column: string) =>
  `case ${column} when 'c' then 'CASCADE' when 'n' then 'SET NULL' when 'r' then 'RESTRICT' else 'NO ACTION' end`;

const COLUMN_NAMES = (numbers: string, table: string) =>
  `array(select attname::text from unnest(${numbers}) with ordinality as k(number, at)
    join pg_attribute on attrelid = ${table} and attnum = k.number order by k.at)`;

const CONSTRAINTS = `
  select c.relname as "table", o.contype as type, o.conname as name,
    ${COLUMN_NAMES('o.conkey', 'o.conrelid')} as columns,
    f.relname as ref_table, ${COLUMN_NAMES('o.confkey', 'o.confrelid')} as ref_columns,
    ${ACTION('o.confdeltype')} as on_delete, ${ACTION('o.confupdtype')} as on_update,
    pg_get_expr(o.conbin, o.conrelid) as expression
  from pg_constraint o
  join pg_class c on c.oid = o.conrelid and c.relnamespace = 'public'::regnamespace
  left join pg_class f on f.oid = o.confrelid`;

const KEY = `
  json_build_object(
    'column', a.attname,
    'expression', case when a.attname is null then pg_get_indexdef(i.indexrelid, k.n, false) end,
    'desc', case when m.amname = 'btree' then (i.indoption[k.n - 1] & 1) = 1 end,
    'nulls', case when m.amname = 'btree' then case when (i.indoption[k.n - 1] & 2) = 2 then 'first' else 'last' end end,
    'collation', l.collname,
    'opclass', p.opcname,
    'opclass_default', p.opcdefault)`;

const INDEXES = `
  select c.relname as "table", x.relname as name, i.indisunique as unique, m.amname as method,
    (select json_agg(${KEY} order by k.n)
      from generate_series(1, i.indnkeyatts) as k(n)
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.n - 1] and a.attnum > 0
      left join pg_collation l on l.oid = i.indcollation[k.n - 1]
      join pg_opclass p on p.oid = i.indclass[k.n - 1]) as keys,
    array(select a.attname::text from generate_series(i.indnkeyatts + 1, i.indnatts) as k(n)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.n - 1] order by k.n) as include,
    pg_get_expr(i.indpred, i.indrelid) as predicate
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
  join pg_am m on m.oid = x.relam
  where not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u'))`;

const ENUMS = `
  select t.typname as name, array_agg(e.enumlabel::text order by e.enumsortorder) as values
  from pg_type t join pg_enum e on e.enumtypid = t.oid
  where t.typnamespace = 'public'::regnamespace group by t.typname`;
