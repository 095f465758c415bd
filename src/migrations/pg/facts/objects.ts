import { type Draft, type Hazard, known, type Scene, type TableLock } from '../../facts/facts.ts';
import { droppedTable, repeatedRows } from '../../facts/hazards.ts';
import { columnOfKey, isUniqueAlready, referrersOf } from '../../facts/known-schema.ts';
import { Reader } from '../../facts/reader.ts';

const SHAPES_UNKNOWN = ['as', 'partition of', 'inherits', 'of'];

/** Takes a lock on a table of before only where a foreign key refers to it. */
export function createTable(reader: Reader, scene: Scene): Draft {
  const rerunnable = reader.take('if not exists');
  const table = reader.name();
  if (SHAPES_UNKNOWN.some((words) => reader.is(words))) return { kind: 'unknown' };
  scene.created.add(table);
  const others = reader.list().flatMap(referredTables);
  for (const other of others) scene.newForeignKeys.set(`${table} to ${other}`, other);
  return {
    kind: 'create table',
    locks: others.map((other): TableLock => ({ lock: 'SHARE ROW EXCLUSIVE', table: other })),
    rerunnable,
  };
}

function referredTables(part: string): string[] {
  const reader = new Reader(part);
  return reader.find('references') ? [reader.name()] : [];
}

/** The foreign keys go with it, and with them the triggers on the other end. */
export function dropTable(reader: Reader, scene: Scene): Draft {
  const rerunnable = reader.take('if exists');
  const tables = [reader.name()];
  while (reader.take(',')) tables.push(reader.name());
  const cascade = reader.take('cascade');
  const old = tables.filter((table) => !scene.created.has(table));
  const others = old.flatMap((table) => [
    ...[...(known(scene, table)?.foreignKeys.values() ?? [])].map((key) => key.table),
    ...(cascade && scene.schema ? referrersOf(scene.schema, table).map((other) => other.table) : []),
  ]);
  return {
    kind: 'drop table',
    locks: [...old, ...others].map((table): TableLock => ({ lock: 'ACCESS EXCLUSIVE', table })),
    loses: old.map((table) => `table ${table}`),
    hazards: old.map(droppedTable),
    rerunnable,
  };
}

export function createIndex(reader: Reader, scene: Scene): Draft {
  const unique = /^\s*create\s+unique/i.test(reader.sql);
  const concurrently = reader.take('concurrently');
  const rerunnable = reader.take('if not exists');
  const index = reader.is('on') ? '' : reader.name();
  reader.take('on');
  reader.take('only');
  const table = reader.name();
  if (reader.take('using')) reader.name();
  const columns = reader.list().map(columnOfKey);
  const partial = reader.has('where');
  scene.indexTables.set(index, table);
  const hazards: Hazard[] = [];
  if (!concurrently) {
    const advice = 'nobody writes to it while the index is built; use CONCURRENTLY in a revision of its own';
    hazards.push({ rule: 'index', table, advice });
  }
  if (unique && (partial || !isUniqueAlready(known(scene, table), columns)))
    hazards.push(repeatedRows(table, columns));
  return {
    kind: concurrently ? 'create index concurrently' : 'create index',
    locks: [{ lock: concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', table }],
    work: [{ kind: 'index', table }],
    hazards,
    outsideTransaction: concurrently,
    rerunnable,
  };
}

export function dropIndex(reader: Reader, scene: Scene): Draft {
  const concurrently = reader.take('concurrently');
  const rerunnable = reader.take('if exists');
  const indexes = [reader.name()];
  while (reader.take(',')) indexes.push(reader.name());
  const tables = indexes.flatMap((index) => scene.indexTables.get(index) ?? []);
  const unknown = indexes.length - tables.length;
  return {
    kind: concurrently ? 'drop index concurrently' : 'drop index',
    locks: tables.map((table) => ({
      lock: concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
      table,
    })),
    outsideTransaction: concurrently,
    rerunnable,
    ...(unknown > 0 && scene.schema && !rerunnable
      ? { note: 'of no index that the revision before has' }
      : {}),
  };
}
