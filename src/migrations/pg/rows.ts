import type { CustomTypesConfig } from 'pg';
import { quote } from '../quotes.ts';
import { byColumns, columnOf, columnsOnce, type Page, type RowAccess } from '../rows.ts';
import type { Canonical, CanonicalRow, ColumnInfo } from '../values.ts';
import { type CopyIn, copyText } from './copy/in.ts';
import { pgCodec } from './values.ts';

/** A query whose values come back as PostgreSQL's own text. */
export type ReadText = (
  text: string,
  params?: readonly unknown[],
) => Promise<{ rows: Record<string, string | null>[]; types: Map<string, string> }>;

/** For `pg`: leaves every value as the text that PostgreSQL sent. */
export const AS_SENT: CustomTypesConfig = { getTypeParser: () => (value: string) => value };

/** Of results, whose types come as numbers. */
export const BASE_TYPES: Record<number, string> = {
  16: 'boolean',
  17: 'bytea',
  20: 'bigint',
  21: 'smallint',
  23: 'integer',
  114: 'json',
  700: 'real',
  701: 'double precision',
  1114: 'timestamp without time zone',
  1184: 'timestamp with time zone',
  1186: 'interval',
  1700: 'numeric',
  2950: 'uuid',
  3802: 'jsonb',
};

export function pgRows(read: ReadText, copyIn: CopyIn): RowAccess {
  const columns = async (table: string): Promise<ColumnInfo[]> => {
    const { rows } = await read(
      `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
       from pg_attribute a
       where a.attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) and a.attnum > 0 and not a.attisdropped
       order by a.attnum`,
      [table],
    );
    return rows.map(({ name, type }) => ({ name: name!, type: type!, codec: pgCodec(type!) }));
  };
  const known = columnsOnce(columns);
  return {
    columns,
    async count(table, where) {
      const { rows } = await read(`select count(*) as rows from ${quote(table)} where ${where}`);
      return Number(rows[0]!['rows']);
    },
    page: async (page) => readPage(read, await known(page.table), page),
    async update(table, key, rows) {
      const info = await known(table);
      for (const group of byColumns(rows).values()) {
        const names = Object.keys(group[0]!);
        const set = names
          .filter((name) => name !== key)
          .map((name) => `${quote(name)} = ${cast(info, table, name)}`);
        const { from, params } = unnest(info, table, names, group);
        await read(
          `update ${quote(table)} set ${set.join(', ')} ${from} where ${quote(table)}.${quote(key)} = ${cast(info, table, key)}`,
          params,
        );
      }
    },
    async insert(table, rows) {
      const info = await known(table);
      for (const group of byColumns(rows).values()) {
        const names = Object.keys(group[0]!);
        const { from, params } = unnest(info, table, names, group);
        const values = names.map((name) => cast(info, table, name)).join(', ');
        await read(
          `insert into ${quote(table)} (${names.map(quote).join(', ')}) select ${values} ${from}`,
          params,
        );
      }
    },
    async load(table, names, rows) {
      const info = await known(table);
      const codecs = names.map((name) => columnOf(info, table, name).codec);
      const values = rows.map((row) =>
        names.map((name, i) => codecs[i]!.encode(row[name]!) as string | null),
      );
      await copyIn(`copy ${quote(table)} (${names.map(quote).join(', ')}) from stdin`, copyText(values));
    },
    async delete(table, key, keys) {
      const info = await known(table);
      const { codec, type } = columnOf(info, table, key);
      const values = keys.map((value) => codec.encode(value));
      await read(
        `delete from ${quote(table)} where ${quote(key)} in (select v::${type} from unnest($1::text[]) as u (v))`,
        [values],
      );
    },
    async query(text, params) {
      const { rows, types } = await read(numbered(text), params);
      const codecs = [...types].map(([name, type]) => [name, pgCodec(type)] as const);
      return rows.map((row) =>
        Object.fromEntries(codecs.map(([name, codec]) => [name, codec.decode(row[name])])),
      );
    },
  };
}

async function readPage(
  read: ReadText,
  info: Map<string, ColumnInfo>,
  { table, key, columns, where, after, limit }: Page,
): Promise<CanonicalRow[]> {
  const names = [...new Set([key, ...columns])];
  const infos = names.map((name) => columnOf(info, table, name));
  const beyond = after === null ? '' : ` and ${quote(key)} > $1::${infos[0]!.type}`;
  const { rows } = await read(
    `select ${names.map(quote).join(', ')} from ${quote(table)} where (${where})${beyond} order by ${quote(key)} limit ${limit}`,
    after === null ? [] : [after],
  );
  return rows.map((row) => {
    const canonical: CanonicalRow = {};
    names.forEach((name, i) => {
      canonical[name] = infos[i]!.codec.decode(row[name]);
    });
    return canonical;
  });
}

/** Columns go over as arrays of texts, one a column, so that a batch is one statement whatever its size. */
function unnest(
  info: Map<string, ColumnInfo>,
  table: string,
  names: string[],
  rows: readonly CanonicalRow[],
) {
  const params = names.map((name) => {
    const { codec } = columnOf(info, table, name);
    return rows.map((row) => codec.encode(row[name] as Canonical));
  });
  const arrays = names.map((_, i) => `$${i + 1}::text[]`).join(', ');
  return { from: `from unnest(${arrays}) as given (${names.map(quote).join(', ')})`, params };
}

function cast(info: Map<string, ColumnInfo>, table: string, name: string): string {
  // A cast to varchar(9) would cut a text that is too long, where the column refuses it.
  const type = columnOf(info, table, name).type.replace(/^(character(?: varying)?)\(\d+\)/, '$1');
  return `given.${quote(name)}::${type === 'character' ? 'text' : type}`;
}

const STRING_OR_PLACEHOLDER = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g;

/** `?` is SQLite's spelling of a parameter. */
function numbered(text: string): string {
  let count = 0;
  return text.replace(STRING_OR_PLACEHOLDER, (token) => (token === '?' ? `$${++count}` : token));
}
