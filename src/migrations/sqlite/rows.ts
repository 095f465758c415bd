import { quote } from '../quotes.ts';
import { byColumns, columnOf, columnsOnce, type KindHint, type Page, type RowAccess } from '../rows.ts';
import type { Canonical, CanonicalRow, ColumnInfo } from '../values.ts';
import type { SqliteSession } from './session.ts';
import { sqliteCodec, sqliteKind } from './values.ts';

export function sqliteRows(session: SqliteSession, hint: KindHint = () => undefined): RowAccess {
  const columns = async (table: string): Promise<ColumnInfo[]> => {
    const rows = (await session.all(`select name, type from pragma_table_info(?)`, [table])) as {
      name: string;
      type: string;
    }[];
    return rows.map(({ name, type }) => ({
      name,
      type,
      codec: sqliteCodec(hint(table, name) ?? sqliteKind(type)),
    }));
  };
  const known = columnsOnce(columns);
  const load = async (table: string, names: readonly string[], rows: readonly CanonicalRow[]) => {
    const info = await known(table);
    const codecs = names.map((name) => columnOf(info, table, name).codec);
    const text = `insert into ${quote(table)} (${names.map(quote).join(', ')}) values (${names.map(() => '?').join(', ')})`;
    for (const row of rows)
      await session.all(
        text,
        names.map((name, i) => codecs[i]!.encode(row[name]!)),
      );
  };
  return {
    columns,
    load,
    async count(table, where) {
      const [row] = await session.all(`select count(*) as rows from ${quote(table)} where ${where}`);
      return (row as { rows: number }).rows;
    },
    page: async (page) => readPage(session, await known(page.table), page),
    async update(table, key, rows) {
      const info = await known(table);
      for (const row of rows) {
        const names = Object.keys(row).filter((name) => name !== key);
        const set = names.map((name) => `${quote(name)} = ?`).join(', ');
        const params = [...names, key].map((name) => encode(info, table, name, row[name]!));
        await session.all(`update ${quote(table)} set ${set} where ${quote(key)} = ?`, params);
      }
    },
    async insert(table, rows) {
      for (const group of byColumns(rows).values()) await load(table, Object.keys(group[0]!), group);
    },
    async delete(table, key, keys) {
      const info = await known(table);
      for (const value of keys)
        await session.all(`delete from ${quote(table)} where ${quote(key)} = ?`, [
          encode(info, table, key, value),
        ]);
    },
    async query(text, params) {
      return (await session.all(text, params.map(plainParam))) as CanonicalRow[];
    },
  };
}

async function readPage(
  session: SqliteSession,
  info: Map<string, ColumnInfo>,
  { table, key, columns, where, after, limit }: Page,
): Promise<CanonicalRow[]> {
  const names = [...new Set([key, ...columns])];
  const codecs = names.map((name) => columnOf(info, table, name).codec);
  const beyond = after === null ? '' : ` and ${quote(key)} > ?`;
  const rows = (await session.all(
    `select ${names.map((name, i) => selected(name, codecs[i]!)).join(', ')} from ${quote(table)} where (${where})${beyond} order by ${quote(table)}.${quote(key)} limit ${limit}`,
    after === null ? [] : [fromText(codecs[0]!, after)],
  )) as Record<string, unknown>[];
  return rows.map((row) => {
    const canonical: CanonicalRow = {};
    names.forEach((name, i) => {
      canonical[name] = codecs[i]!.decode(row[name]);
    });
    return canonical;
  });
}

/** The driver makes a number of every integer: what a number can't hold comes as text. */
function selected(name: string, { kind }: ColumnInfo['codec']): string {
  const column = quote(name);
  if (kind !== 'integer' && kind !== 'bigint' && kind !== 'json') return column;
  const fits = `${column} between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`;
  return `case when typeof(${column}) <> 'integer' or ${fits} then ${column} else cast(${column} as text) end as ${column}`;
}

/** A cursor is kept as text, whatever its column holds. */
function fromText({ kind, encode: toStored }: ColumnInfo['codec'], text: string): unknown {
  return toStored(kind === 'integer' || kind === 'bigint' || kind === 'double' ? Number(text) : text);
}

function encode(info: Map<string, ColumnInfo>, table: string, name: string, value: Canonical): unknown {
  return columnOf(info, table, name).codec.encode(value);
}

const plainParam = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);
