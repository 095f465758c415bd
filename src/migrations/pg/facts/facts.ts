import { type Draft, finish, type Scene, type StatementFacts } from '../../facts/facts.ts';
import { Reader } from '../../facts/reader.ts';
import { alterTable } from './alter-table.ts';
import { deleteRows, insertRows, setSequence, truncate, updateRows } from './data.ts';
import { createIndex, createTable, dropIndex, dropTable } from './objects.ts';

type Rule = (reader: Reader, scene: Scene) => Draft;

const quiet =
  (kind: string, more: Partial<Draft> = {}): Rule =>
  () => ({ kind, ...more });

/** Statements by their first words, the longer ones before those that begin alike. */
const RULES: readonly [words: string, rule: Rule][] = [
  ['alter table', alterTable],
  ['create unique index', createIndex],
  ['create index', createIndex],
  ['drop index', dropIndex],
  ['alter index', alterIndex],
  ['create table', createTable],
  ['create unlogged table', createTable],
  ['create temporary table', quiet('create temporary table')],
  ['create temp table', quiet('create temporary table')],
  ['drop table', dropTable],
  ['create type', quiet('create type')],
  ['alter type', alterType],
  ['drop type', quiet('drop type')],
  ['create extension', quiet('create extension', { rerunnable: true })],
  ['create function', quiet('create function')],
  ['create or replace function', quiet('create function', { rerunnable: true })],
  ['drop function', quiet('drop function')],
  ['create sequence', quiet('create sequence')],
  ['alter sequence', alterSequence],
  ['drop sequence', quiet('drop sequence')],
  ['select setval (', setSequence],
  ['select pg_catalog . setval (', setSequence],
  ['create trigger', createTrigger],
  ['drop trigger', dropTrigger],
  ['comment on table', comment],
  ['comment on column', comment],
  ['set', quiet('set', { rerunnable: true })],
  ['vacuum', quiet('vacuum', { outsideTransaction: true, rerunnable: true })],
  ['update', updateRows],
  ['insert into', insertRows],
  ['delete from', deleteRows],
  ['truncate', truncate],
];

const CONTROLS_TRANSACTION = [
  'begin',
  'start transaction',
  'commit',
  'rollback',
  'end',
  'savepoint',
  'abort',
];

/** What a statement does on PostgreSQL (13 to 18); the scene goes on with it. */
export function pgFacts(statement: string, scene: Scene): StatementFacts {
  const reader = new Reader(statement);
  const rule = RULES.find(([words]) => reader.take(words))?.[1];
  const draft = rule?.(reader, scene) ?? { kind: controlsTransaction(reader) ? 'transaction' : 'unknown' };
  const facts = finish(statement, draft, scene);
  return { ...facts, hazards: [...facts.hazards, ...labelHazards(statement, draft, scene)] };
}

function controlsTransaction(reader: Reader): boolean {
  return CONTROLS_TRANSACTION.some((words) => reader.is(words));
}

function alterIndex(reader: Reader, scene: Scene): Draft {
  reader.take('if exists');
  const index = reader.name();
  if (!reader.take('rename to')) return { kind: 'unknown' };
  const table = scene.indexTables.get(index);
  if (table) scene.indexTables.set(reader.name(), table);
  // Locks the index alone, so that only a plan being made waits for it.
  return { kind: 'rename index', ...(table ? { tables: [table] } : {}) };
}

function alterType(reader: Reader, scene: Scene): Draft {
  reader.name();
  if (!reader.take('add value'))
    return { kind: reader.take('rename value') ? 'rename enum value' : 'alter type' };
  const rerunnable = reader.take('if not exists');
  const label = reader.next()?.value;
  if (label && scene.transactional) scene.newLabels.add(label);
  return { kind: 'add enum value', rerunnable };
}

/** A sequence that gets an owner looks at the table alone. */
function alterSequence(reader: Reader): Draft {
  const kind = 'alter sequence';
  if (!reader.find('owned by') || reader.is('none')) return { kind };
  const table = reader.names().at(-2);
  return table ? { kind, locks: [{ lock: 'ACCESS SHARE', table }] } : { kind };
}

/** A label can be used from the end of the transaction on that adds it. */
function labelHazards(statement: string, { kind }: Draft, scene: Scene) {
  if (kind === 'add enum value' || scene.newLabels.size === 0) return [];
  const used = new Reader(statement).tokens.filter(
    ({ kind, value }) => kind === 'string' && scene.newLabels.has(value),
  );
  return used.slice(0, 1).map(({ value }) => ({
    rule: 'enum-value',
    table: '*',
    advice: `fails: ${value} was added in the same transaction; add it in a revision before`,
  }));
}

function createTrigger(reader: Reader): Draft {
  reader.find('on');
  return { kind: 'create trigger', locks: [{ lock: 'SHARE ROW EXCLUSIVE', table: reader.name() }] };
}

function dropTrigger(reader: Reader): Draft {
  reader.find('on');
  return { kind: 'drop trigger', locks: [{ lock: 'ACCESS EXCLUSIVE', table: reader.name() }] };
}

function comment(reader: Reader): Draft {
  const names = reader.names();
  const ofColumn = reader.sql.match(/^\s*comment\s+on\s+column/i);
  const table = (ofColumn ? names.at(-2) : names.at(-1)) ?? '';
  return { kind: 'comment', locks: [{ lock: 'SHARE UPDATE EXCLUSIVE', table }], rerunnable: true };
}
