/** `temporary` is the schema of the session's own temporary tables. */
export type CatalogSchema = 'current' | 'temporary';

const SCHEMAS: Record<CatalogSchema, string> = {
  current: 'quote_ident(current_schema())::regnamespace::oid',
  temporary: 'pg_my_temp_schema()',
};

/** One statement that gives the whole catalog as one JSON value, spelled alike by every version from 13 on. */
export function catalogQuery(schema: CatalogSchema): string {
  const parts = { tables, columns, constraints, indexes, triggers, enums, extensions, views };
  const members = Object.entries(parts).map(([name, query]) => `'${name}', ${list(query)}`);
  return `
    with schema as materialized (select ${SCHEMAS[schema]} as id),
    owned as materialized (
      select c.* from pg_class c where c.relnamespace = (select id from schema)
        and c.relkind in ('r', 'p', 'v', 'm')
        and not exists (select from pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')),
    relations as materialized (select * from owned where relkind in ('r', 'p'))
    select json_build_object(${members.join(', ')}) as catalog`;
}

const list = (query: string): string => `(select coalesce(json_agg(q), '[]') from (${query}) q)`;

const MARKS = (...marks: [condition: string, mark: string][]): string =>
  `array_remove(array[${marks.map(([condition, mark]) => `case when ${condition} then '${mark}' end`).join(', ')}]::text[], null)`;

const tables = `
  select relname as name, ${MARKS(["relpersistence = 'u'", 'unlogged'], ["relkind = 'p'", 'partitioned'])} as options
  from relations order by relname`;

const columns = `
  select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull as nullable,
    case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as default,
    case when a.attgenerated <> '' then json_build_object(
      'expression', pg_get_expr(d.adbin, d.adrelid), 'stored', a.attgenerated = 's') end as generated,
    case a.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
    case when a.attcollation <> t.typcollation then l.collname end as collation
  from pg_attribute a
  join relations c on c.oid = a.attrelid
  join pg_type t on t.oid = a.atttypid
  left join pg_collation l on l.oid = a.attcollation
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped
  order by c.relname, a.attnum`;

const ACTION = (column: string) =>
  `case ${column} when 'c' then 'CASCADE' when 'n' then 'SET NULL' when 'r' then 'RESTRICT'
    when 'd' then 'SET DEFAULT' else 'NO ACTION' end`;

const COLUMN_NAMES = (numbers: string, table: string) =>
  `array(select attname::text from unnest(${numbers}) with ordinality as k(number, at)
    join pg_attribute on attrelid = ${table} and attnum = k.number order by k.at)`;

/** NOT NULL is among the constraints from version 18 on; it is told as a property of the column. */
const constraints = `
  select c.relname as "table", o.contype as type, o.conname as name,
    ${COLUMN_NAMES('o.conkey', 'o.conrelid')} as columns,
    f.relname as "refTable", ${COLUMN_NAMES('o.confkey', 'o.confrelid')} as "refColumns",
    ${ACTION('o.confdeltype')} as "onDelete", ${ACTION('o.confupdtype')} as "onUpdate",
    pg_get_expr(o.conbin, o.conrelid) as expression, pg_get_constraintdef(o.oid, true) as definition,
    ${MARKS(
      ["to_jsonb(i) ->> 'indnullsnotdistinct' = 'true'", 'nulls not distinct'],
      ['o.condeferrable and o.condeferred', 'deferrable initially deferred'],
      ['o.condeferrable and not o.condeferred', 'deferrable'],
      ['not o.convalidated', 'not valid'],
      [
        "to_jsonb(o) ->> 'conenforced' = 'false' or exists (select from pg_trigger g where g.tgconstraint = o.oid and g.tgenabled = 'D')",
        'disabled',
      ],
    )} as marks
  from pg_constraint o
  join relations c on c.oid = o.conrelid
  left join pg_class f on f.oid = o.confrelid
  left join pg_index i on i.indexrelid = o.conindid and o.contype = 'u'
  where o.contype in ('p', 'u', 'f', 'c', 'x')
  order by c.relname, o.conname`;

const KEY = `
  json_build_object(
    'column', a.attname,
    'expression', case when a.attname is null then pg_get_indexdef(i.indexrelid, k.n, false) end,
    'desc', case when m.amname = 'btree' then (i.indoption[k.n - 1] & 1) = 1 end,
    'nulls', case when m.amname = 'btree' then case when (i.indoption[k.n - 1] & 2) = 2 then 'first' else 'last' end end,
    'collation', case when l.collname <> 'default' then l.collname end,
    'opclass', case when not p.opcdefault then p.opcname end)`;

const indexes = `
  select c.relname as "table", x.relname as name, i.indisunique as unique, m.amname as method,
    (select json_agg(${KEY} order by k.n)
      from generate_series(1, i.indnkeyatts) as k(n)
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.n - 1] and a.attnum > 0
      left join pg_collation l on l.oid = i.indcollation[k.n - 1]
      join pg_opclass p on p.oid = i.indclass[k.n - 1]) as keys,
    array(select a.attname::text from generate_series(i.indnkeyatts + 1, i.indnatts) as k(n)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.n - 1] order by k.n) as include,
    pg_get_expr(i.indpred, i.indrelid) as predicate,
    ${MARKS(
      ["to_jsonb(i) ->> 'indnullsnotdistinct' = 'true'", 'nulls not distinct'],
      ['not i.indisvalid or not i.indisready', 'INVALID'],
    )} as marks,
    pg_get_indexdef(i.indexrelid, 0, true) as definition
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join relations c on c.oid = i.indrelid
  join pg_am m on m.oid = x.relam
  where not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u', 'x'))
  order by c.relname, x.relname`;

const triggers = `
  select c.relname as "table", g.tgname as name,
    pg_get_triggerdef(g.oid, true) || case when g.tgenabled = 'D' then ' (disabled)' else '' end as definition
  from pg_trigger g join relations c on c.oid = g.tgrelid
  where not g.tgisinternal order by c.relname, g.tgname`;

const enums = `
  select t.typname as name, array_agg(e.enumlabel::text order by e.enumsortorder) as values
  from pg_type t join pg_enum e on e.enumtypid = t.oid
  where t.typnamespace = (select id from schema) group by t.typname order by t.typname`;

const extensions = 'select extname as name from pg_extension order by extname';

const views = `
  select relname as name, pg_get_viewdef(oid, true) as definition from owned
  where relkind in ('v', 'm') order by relname`;
