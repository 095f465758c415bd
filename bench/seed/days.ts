import { type Column, getTableColumns, getTableName, type Table } from 'drizzle-orm';
import { START } from './estate.ts';
import { moment } from './random.ts';

/** The last digits of ids, so that they lie as far apart as random ones do; and the date. */
export const dayValues = (day: number): [id: string, date: string] => [
  day.toString(16).padStart(4, '0'),
  moment(START + day * 86_400_000).slice(0, 10),
];

/** The value of a column on another day. */
type OnDay = (quoted: string, column: Column) => string;

/** Inserts what `day_<table>` holds with other ids, on another date. */
function repeated(table: Table, onDay: OnDay): string {
  const name = getTableName(table);
  const columns: Column[] = Object.values(getTableColumns(table));
  const list = columns.map((column) => `"${column.name}"`);
  const values = columns.map((column, i) => (KEPT.has(column.name) ? list[i] : onDay(list[i]!, column)));
  return `insert into "${name}" (${list.join(', ')}) select ${values.join(', ')} from "day_${name}"`;
}

/** What these refer to doesn't grow with the days; an interval looks like a moment on SQLite. */
const KEPT = new Set(['flow_id', 'deployment_id', 'work_queue_id', 'total_run_time']);

/** Takes `@id` and `@date`. */
export const repeatedOnSqlite = (table: Table): string => repeated(table, onSqlite);

/** Takes the id and the date. */
export const repeatedOnPostgres = (table: Table): string => repeated(table, onPostgres);

const onSqlite: OnDay = (quoted, column) => {
  const type = column.getSQLType();
  if (type === 'CHAR(36)') return `substr(${quoted}, 1, 32) || @id`;
  if (type === 'DATETIME') return `@date || substr(${quoted}, 11)`;
  return textValue(quoted, column, '@id');
};

const onPostgres: OnDay = (quoted, column) => {
  const type = column.getSQLType();
  if (type === 'uuid') return `(left(${quoted}::text, 32) || $1::text)::uuid`;
  if (type.startsWith('timestamp')) return `$2::date + (${quoted} - date_trunc('day', ${quoted}))`;
  return textValue(quoted, column, '$1::text');
};

function textValue(quoted: string, { name }: Column, id: string): string {
  if (name === 'idempotency_key') return `${quoted} || ${id}`;
  if (name !== 'resource_id') return quoted;
  return `case when ${quoted} like 'prefect.flow-run.%' then substr(${quoted}, 1, length(${quoted}) - 4) || ${id} else ${quoted} end`;
}
