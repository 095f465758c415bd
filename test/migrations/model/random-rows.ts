import { type Column, LABELS, type Schema, stored, type Table, type Value } from './random-schema.ts';

/** A row by the numbers of its columns; generated ones are left out. */
export type Row = Readonly<Record<number, Value>>;
/** By the numbers of the tables. */
export type Rows = Readonly<Record<number, readonly Row[]>>;

const WORDS = ['', 'ä "quoted" Word', "it's", 'Plain', 'line\nbreak', 'null'];

/** What must be left of the rows when the schema has become another one. */
export function carried(from: Schema, to: Schema, rows: Rows): Rows {
  return Object.fromEntries(
    to.tables.map((table) => {
      const old = from.tables.find(({ uid }) => uid === table.uid);
      const kept = old ? (rows[table.uid] ?? []).map((row) => carriedRow(old, table, row)) : [];
      return [table.uid, kept];
    }),
  );
}

function carriedRow(old: Table, table: Table, row: Row): Row {
  const known = new Set(old.columns.filter(({ generated }) => !generated).map(({ uid }) => uid));
  const values = table.columns
    .filter(({ generated }) => !generated)
    .map((column): [number, Value] => {
      if (!known.has(column.uid)) return [column.uid, column.default ?? null];
      const value = row[column.uid] ?? null;
      return [column.uid, value === null && column.notNull ? (column.default ?? null) : value];
    });
  return Object.fromEntries(values);
}

/** New rows in every table, whose references find what they refer to. */
export function grown(schema: Schema, rows: Rows, seed: number): { rows: Rows; added: Rows } {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  };
  const all: Record<number, readonly Row[]> = { ...rows };
  const added: Record<number, readonly Row[]> = {};
  for (const table of schema.tables) {
    const fresh: Row[] = [];
    for (let count = next() % 3; count > 0; count--)
      fresh.push(newRow(table, all, next, `${seed}-${next()}-${count}`));
    added[table.uid] = fresh;
    all[table.uid] = [...(all[table.uid] ?? []), ...fresh];
  }
  return { rows: all, added };
}

function newRow(table: Table, rows: Record<number, readonly Row[]>, next: () => number, id: string): Row {
  const values = table.columns
    .filter(({ generated }) => !generated)
    .map((column): [number, Value] => [column.uid, newValue(column, rows, next, id)]);
  return Object.fromEntries(values);
}

function newValue(
  column: Column,
  rows: Record<number, readonly Row[]>,
  next: () => number,
  id: string,
): Value {
  const roll = next();
  if (column.domain === 'id') return id;
  if (!column.wasNotNull && roll % 4 === 0) return null;
  if (column.domain === 'ref') {
    const targets = rows[column.refers!] ?? [];
    const target = targets.length > 0 ? targets[roll % targets.length]! : undefined;
    return target ? idOf(target) : null;
  }
  if (column.domain === 'number') return (roll % 201) - 100;
  if (column.domain === 'word') return WORDS[roll % WORDS.length]!;
  return column.domain === 'mood' ? LABELS[roll % LABELS.length]! : roll % 2 === 0;
}

/** The lowest number of a table's columns is that of its id, which is there from the start. */
const idOf = (row: Row): Value => row[Math.min(...Object.keys(row).map(Number))]!;

export function insertStatements(schema: Schema, added: Rows): string[] {
  return schema.tables.flatMap((table) => {
    const columns = table.columns.filter(({ generated }) => !generated);
    const rows = added[table.uid] ?? [];
    if (rows.length === 0) return [];
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    const values = rows.map(
      (row) => `(${columns.map((column) => literal(stored(row[column.uid] ?? null, column))).join(', ')})`,
    );
    return [`insert into "${table.name}" (${names}) values ${values.join(', ')}`];
  });
}

function literal(value: Value): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/** What a query of the table must give, in the order of its ids. */
export function expectedRows(table: Table, rows: Rows): Value[][] {
  const shown = (rows[table.uid] ?? []).map((row) =>
    table.columns.map((column) => {
      if (!column.generated) return stored(row[column.uid] ?? null, column);
      const from = table.columns.find(({ uid }) => uid === column.generated!.from)!;
      const value = stored(row[from.uid] ?? null, from);
      return typeof value === 'string' ? lower(value) : value === null ? null : Number(value) * 2;
    }),
  );
  return shown.sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1));
}

/** SQLite knows no letters but those of ASCII here, and PostgreSQL those of its locale: the words have no others in capitals. */
const lower = (text: string): string => text.toLowerCase();

/** One form for what the two drivers give. */
export function shownRow(table: Table, row: Record<string, unknown>): unknown[] {
  return table.columns.map(({ name, type }) => {
    const value = row[name];
    return type === 'boolean' && value !== null ? Boolean(value) : value;
  });
}
