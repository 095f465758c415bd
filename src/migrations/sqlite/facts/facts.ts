import { type Draft, finish, known, type Scene, type StatementFacts } from '../../facts/facts.ts';
import { allRows, repeatedRows } from '../../facts/hazards.ts';
import { columnOfKey, isUniqueAlready } from '../../facts/known-schema.ts';
import { Reader } from '../../facts/reader.ts';
import { alterTable } from './alter-table.ts';
import { createTable, dropTable, insertRows } from './rebuild.ts';

type Rule = (reader: Reader, scene: Scene) => Draft;

const RULES: readonly [words: string, rule: Rule][] = [
  ['create table', createTable],
  ['create temp table', () => ({ kind: 'create temporary table' })],
  ['create temporary table', () => ({ kind: 'create temporary table' })],
  ['drop table', dropTable],
  ['alter table', alterTable],
  ['create unique index', createIndex],
  ['create index', createIndex],
  ['drop index', dropIndex],
  ['create trigger', onTable('create trigger')],
  ['drop trigger', () => ({ kind: 'drop trigger' })],
  ['insert into', insertRows],
  ['insert or ignore into', insertRows],
  ['insert or replace into', insertRows],
  ['update', updateRows],
  ['delete from', deleteRows],
  ['pragma', pragma],
  ['vacuum', () => ({ kind: 'vacuum', outsideTransaction: true })],
  ['analyze', () => ({ kind: 'analyze' })],
];

const CONTROLS_TRANSACTION = ['begin', 'commit', 'rollback', 'end', 'savepoint', 'release'];

/** What a statement does on SQLite. Each one of a revision holds the database's one write lock; readers go on (WAL). */
export function sqliteFacts(statement: string, scene: Scene): StatementFacts {
  const reader = new Reader(statement);
  const rule = RULES.find(([words]) => reader.take(words))?.[1];
  const controls = CONTROLS_TRANSACTION.some((words) => reader.is(words));
  const draft = rule?.(reader, scene) ?? { kind: controls ? 'transaction' : 'unknown' };
  return finish(statement, { ...draft, locks: [{ lock: 'write lock', table: '*' }] }, scene);
}

function createIndex(reader: Reader, scene: Scene): Draft {
  const unique = /^\s*create\s+unique/i.test(reader.sql);
  const rerunnable = reader.take('if not exists');
  const index = reader.name();
  reader.take('on');
  const table = reader.name();
  const columns = reader.list().map(columnOfKey);
  const partial = reader.has('where');
  scene.indexTables.set(index, table);
  const fails = unique && (partial || !isUniqueAlready(known(scene, table), columns));
  return {
    kind: 'create index',
    tables: [table],
    work: [{ kind: 'index', table }],
    hazards: fails ? [repeatedRows(table, columns)] : [],
    rerunnable,
  };
}

function dropIndex(reader: Reader, scene: Scene): Draft {
  const rerunnable = reader.take('if exists');
  const table = scene.indexTables.get(reader.name());
  return { kind: 'drop index', tables: table ? [table] : [], rerunnable };
}

function onTable(kind: string): Rule {
  return (reader) => {
    reader.find('on');
    return { kind, tables: [reader.name()] };
  };
}

function updateRows(reader: Reader, scene: Scene): Draft {
  const table = reader.name();
  const filled = /\bwhere\s+"?(\w+)"?\s+is\s+null\s*;?\s*$/i.exec(reader.sql)?.[1];
  if (filled) scene.provenNotNull.set(`filled ${table}.${filled}`, `${table}.${filled}`);
  const hazards = reader.has('where') ? [] : [allRows(table, 'written')];
  return { kind: 'update', target: table, tables: [table], work: [{ kind: 'rows', table }], hazards };
}

function deleteRows(reader: Reader): Draft {
  const table = reader.name();
  const filtered = reader.has('where');
  return {
    kind: 'delete',
    target: table,
    tables: [table],
    work: [{ kind: 'rows', table }],
    loses: [filtered ? `rows of ${table}` : `all rows of ${table}`],
    hazards: filtered ? [] : [allRows(table, 'deleted')],
  };
}

/** Most pragmas do nothing inside a transaction, and the runner sets those that a revision needs. */
function pragma(reader: Reader): Draft {
  const advice = `${reader.name()} does nothing inside a transaction, or changes the connection for all that follows: leave it out, the runner turns foreign keys off and checks them`;
  return { kind: 'pragma', hazards: [{ rule: 'pragma', table: '*', advice }] };
}
