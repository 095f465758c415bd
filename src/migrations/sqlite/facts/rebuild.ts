import type { Draft, Hazard, Scene } from '../../facts/facts.ts';
import { droppedTable } from '../../facts/hazards.ts';
import { referrersOf } from '../../facts/known-schema.ts';
import { Reader } from '../../facts/reader.ts';

/** Temporary names of tables that are being rebuilt begin so: `__new_flow`. */
const TEMPORARY = /^__new_/;

export function createTable(reader: Reader, scene: Scene): Draft {
  const rerunnable = reader.take('if not exists');
  const table = reader.name();
  scene.created.add(table);
  if (reader.take('as')) return { kind: 'unknown' };
  const old = table.replace(TEMPORARY, '');
  if (!TEMPORARY.test(table) || scene.created.has(old)) return { kind: 'create table', rerunnable };
  scene.rebuilding.set(table, old);
  return { kind: 'rebuild: new table', tables: [old], rerunnable };
}

/** A copy of all rows into the table that is to replace theirs is a rebuild, whatever the names. */
export function insertRows(reader: Reader, scene: Scene): Draft {
  const table = reader.name();
  reader.list();
  if (!reader.take('select')) return { kind: 'insert', target: table, tables: [table] };
  const source = sourceOf(reader);
  // The engine's own bookkeeping: the highest AUTOINCREMENT that a table has given.
  if (table.startsWith('sqlite_')) return { kind: 'rebuild: sequence' };
  if (!source) return { kind: 'insert', target: table, tables: [table] };
  if (!scene.created.has(table)) {
    return {
      kind: 'insert',
      target: table,
      tables: [table, source],
      work: [{ kind: 'rows', table: source }],
    };
  }
  const filtered = reader.has('where') || reader.has('limit');
  if (scene.rebuilding.get(table) !== source) {
    return { kind: 'insert', target: table, tables: [source], work: [{ kind: 'rows', table: source }] };
  }
  if (!filtered) scene.copied.add(source);
  const referrers = scene.schema ? referrersOf(scene.schema, scene.renamed.get(source) ?? source) : [];
  return {
    kind: 'rebuild: copy',
    target: source,
    tables: [source],
    work: [{ kind: 'rewrite', table: source }],
    hazards: referrers.length > 0 ? [referencedHazard(source, referrers)] : [],
    loses: filtered ? [`rows of ${source} that the WHERE leaves out`] : [],
  };
}

function sourceOf(reader: Reader): string | undefined {
  return reader.find('from') ? reader.name() : undefined;
}

function referencedHazard(table: string, referrers: readonly { table: string; onDelete: string }[]): Hazard {
  const deletes = referrers.filter(({ onDelete }) => onDelete === 'cascade').map((other) => other.table);
  const others = referrers.filter(({ onDelete }) => onDelete !== 'cascade').map((other) => other.table);
  const parts = [
    ...(deletes.length > 0 ? [`${list(deletes)} (CASCADE)`] : []),
    ...(others.length > 0 ? [`${list(others)}`] : []),
  ].join(' and ');
  const advice =
    `${parts} refer to it: the runner keeps their rows (foreign keys off, checked before the commit), and the check ` +
    'reads all of them; nobody writes meanwhile';
  return { rule: 'rebuild', table, advice };
}

const list = (names: readonly string[]): string => [...new Set(names)].join(', ');

export function dropTable(reader: Reader, scene: Scene): Draft {
  const rerunnable = reader.take('if exists');
  const table = reader.name();
  const isRebuilt = [...scene.rebuilding.values()].includes(table);
  if (isRebuilt && scene.copied.has(table)) return { kind: 'rebuild: drop old', tables: [table] };
  if (scene.created.has(table)) return { kind: 'drop table', rerunnable };
  return {
    kind: 'drop table',
    tables: [table],
    loses: [`table ${table}`],
    hazards: [droppedTable(table)],
    rerunnable,
  };
}

/** What a CREATE TABLE says, column by column: its words after the name. */
export function columnsOf(createTableText: string): Map<string, string> {
  const reader = new Reader(createTableText);
  reader.take('create table');
  reader.take('if not exists');
  reader.name();
  const columns = new Map<string, string>();
  for (const part of reader.list()) {
    const column = new Reader(part);
    const word = column.peek();
    if (word?.kind === 'word' && CONSTRAINTS.has(word.value)) continue;
    columns.set(column.name(), column.rest());
  }
  return columns;
}

const CONSTRAINTS = new Set(['constraint', 'primary', 'unique', 'check', 'foreign']);
const ENDS_TYPE = new Set([
  ...CONSTRAINTS,
  'default',
  'not',
  'null',
  'collate',
  'references',
  'generated',
  'as',
]);

/** The type at the beginning of a column's definition. */
export function typeOf(definition: string): string {
  const { tokens, sql } = new Reader(definition);
  const end = tokens.findIndex(({ kind, value }) => kind === 'word' && ENDS_TYPE.has(value));
  return sql.slice(0, end < 0 ? undefined : tokens[end]!.start).trim();
}

/** By SQLite's rules for the names of types. */
export function affinityOf(type: string): 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC' {
  const name = type.toUpperCase();
  if (name.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(name)) return 'TEXT';
  if (name === '' || name.includes('BLOB')) return 'BLOB';
  return /REAL|FLOA|DOUB/.test(name) ? 'REAL' : 'NUMERIC';
}
