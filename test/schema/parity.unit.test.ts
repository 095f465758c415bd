import { getTableColumns, getTableName, is, SQL, type Table } from 'drizzle-orm';
import * as pgCore from 'drizzle-orm/pg-core';
import * as sqliteCore from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { JsonText } from '../../src/json/json.ts';
import { canonical } from '../../src/migrations/catalog.ts';
import * as pgEnums from '../../src/schema/pg/enums.ts';
import * as pgTables from '../../src/schema/pg/index.ts';
import * as sqliteTables from '../../src/schema/sqlite/index.ts';

/** What one dialect has and the other one hasn't, and why. Everything else must be the same, names included. */
const JUSTIFIED: Record<string, string[]> = {
  'PostgreSQL finds text anywhere in a name by trigrams; SQLite only its beginning, without regard to case': [
    ...['flow', 'flow_run', 'task_run', 'deployment', 'work_queue', 'block_type', 'block_document'].map(
      (table) => `PostgreSQL: ${table} index trgm_ix_${table}_name (name)`,
    ),
    ...['flow', 'flow_run', 'task_run', 'deployment', 'block_type', 'block_document'].map(
      (table) => `SQLite: ${table} index ix_${table}_name_case_insensitive (name collate nocase)`,
    ),
  ],
  'An index over JSON answers questions of containment on PostgreSQL only': [
    'PostgreSQL: block_schema index ix_block_schema__capabilities (capabilities)',
    'PostgreSQL: events index ix_events__related_gin (related)',
    'PostgreSQL: events index ix_events__related_resource_ids_gin (related_resource_ids)',
  ],
  'SQLite has no INCLUDE': [
    'PostgreSQL: artifact index ix_artifact__key_created_desc (key, created desc)include(id,updated,type,task_run_id,flow_run_id)',
    'SQLite: artifact index ix_artifact__key_created_desc (key, created desc)',
  ],
  'A member of a JSON object and a boolean are spelled differently': [
    "PostgreSQL: flow_run index ix_flow_run__schedule_id_scheduler (deployment_id, created_by ->> 'id', next_scheduled_start_time) where state_type = 'SCHEDULED' and auto_scheduled = true",
    "SQLite: flow_run index ix_flow_run__schedule_id_scheduler (deployment_id, json_extract(created_by,'$.id'), next_scheduled_start_time) where state_type = 'SCHEDULED' and auto_scheduled = 1",
  ],
};

/** PostgreSQL cuts names at 63 characters: Prefect's end in a hash there. */
const SHORTENED: Record<string, string> = {
  ck_block_document_reference__ck_block_document_referenc_824f:
    'ck_block_document_reference__ck_block_document_reference__no_self_reference',
  fk_block_document_reference__parent_block_document_id___328f:
    'fk_block_document_reference__parent_block_document_id__block_document',
  fk_block_document_reference__reference_block_document_i_5759:
    'fk_block_document_reference__reference_block_document_id__block_document',
  fk_block_schema_reference__reference_block_schema_id__b_6e5d:
    'fk_block_schema_reference__reference_block_schema_id__block_schema',
};

const pgDialect = new pgCore.PgDialect();
const sqliteDialect = new sqliteCore.SQLiteSyncDialect();
const text = (expression: SQL, dialect: typeof pgDialect | typeof sqliteDialect): string =>
  canonical(dialect.sqlToQuery(expression, 'indexes').sql);

describe('the schemas of SQLite and PostgreSQL', () => {
  it('have the same keys, foreign keys, checks, indexes and defaults, but for what is justified', () => {
    const pg = Object.values(pgTables).flatMap(pgFacts);
    const sqlite = Object.values(sqliteTables).flatMap(sqliteFacts);
    const differences = [
      ...pg.filter((fact) => !sqlite.includes(fact)).map((fact) => `PostgreSQL: ${fact}`),
      ...sqlite.filter((fact) => !pg.includes(fact)).map((fact) => `SQLite: ${fact}`),
    ];
    expect(differences.sort()).toEqual(Object.values(JUSTIFIED).flat().sort());
    expect(pg.length).toBeGreaterThan(500);
  });

  it('have the columns of a table in the same order', () => {
    const order = (tables: Record<string, Table>) =>
      Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, columnNames(table)]));
    expect(order(sqliteTables)).toEqual(order(pgTables));
  });

  it('name every table and column as its property', () => {
    for (const tables of [pgTables, sqliteTables]) {
      for (const [name, table] of Object.entries(tables)) {
        expect(getTableName(table)).toBe(name);
        expect(columnNames(table)).toEqual(Object.keys(getTableColumns(table)));
      }
    }
  });

  it('use every enumeration of PostgreSQL', () => {
    const used = new Set(
      Object.values(pgTables)
        .flatMap((table) => pgCore.getTableConfig(table).columns)
        .flatMap((column) => (is(column, pgCore.PgEnumColumn) ? [column.enum.enumName] : [])),
    );
    expect([...used].sort()).toEqual(Object.keys(pgEnums).sort());
  });
});

function columnNames(table: Table): string[] {
  const config = is(table, pgCore.PgTable)
    ? pgCore.getTableConfig(table)
    : sqliteCore.getTableConfig(table as sqliteCore.SQLiteTable);
  return config.columns.map((column) => column.name);
}

function pgFacts(table: pgCore.PgTable): string[] {
  const config = pgCore.getTableConfig(table);
  const indexes = config.indexes.map(({ config: index }) => {
    const keys = index.columns.map((key) => (is(key, SQL) ? text(key, pgDialect) : orderedKey(key)));
    return describeIndex(index.name!, index.unique, keys, index.where && text(index.where, pgDialect));
  });
  return [...sharedFacts(config, pgDialect), ...indexes].map((fact) => `${config.name} ${fact}`);
}

function orderedKey(key: object): string {
  // The type of an indexed column hides its order, which is what counts here.
  const { name, indexConfig } = key as { name: string; indexConfig?: { order?: string } };
  return indexConfig?.order === 'desc' ? `${name} desc` : name;
}

function sqliteFacts(table: sqliteCore.SQLiteTable): string[] {
  const config = sqliteCore.getTableConfig(table);
  const indexes = config.indexes.map(({ config: index }) => {
    const keys = index.columns.map((key) => (is(key, SQL) ? text(key, sqliteDialect) : key.name));
    return describeIndex(index.name, index.unique, keys, index.where && text(index.where, sqliteDialect));
  });
  return [...sharedFacts(config, sqliteDialect), ...indexes].map((fact) => `${config.name} ${fact}`);
}

function describeIndex(name: string, unique: boolean, keys: string[], where?: string): string {
  return `${unique ? 'unique index' : 'index'} ${name} (${keys.join(', ')}${where ? `) where ${where}` : ')'}`;
}

type Config = ReturnType<typeof pgCore.getTableConfig> | ReturnType<typeof sqliteCore.getTableConfig>;

function sharedFacts(config: Config, dialect: typeof pgDialect | typeof sqliteDialect): string[] {
  const list = (columns: readonly { name: string }[]) => columns.map((column) => column.name).join(', ');
  return [
    ...config.columns.map((column) => `column ${column.name} default ${describeDefault(column.default)}`),
    ...config.primaryKeys.map((key) => `primary key ${key.getName()} (${list(key.columns)})`),
    ...config.uniqueConstraints.map((key) => `unique ${key.getName()} (${list(key.columns)})`),
    ...config.checks.map((check) => `check ${fullName(check.name)} ${text(check.value, dialect)}`),
    ...config.foreignKeys.map((key) => {
      const { columns, foreignColumns, foreignTable } = key.reference();
      const target = `${getTableName(foreignTable)} (${list(foreignColumns)})`;
      const actions = `${key.onDelete ?? 'no action'} ${key.onUpdate ?? 'no action'}`;
      return `foreign key ${fullName(key.getName())} (${list(columns)}) to ${target} ${actions}`;
    }),
  ];
}

const fullName = (name: string): string => SHORTENED[name] ?? name;

const NOW = 'the time of the insert';
const RANDOM = 'a random uuid';
const SAME_DEFAULT: Record<string, string> = {
  current_timestamp: NOW,
  "strftime('%Y-%m-%d %H:%M:%f000','now')": NOW,
  'gen_random_uuid()': RANDOM,
  "'00:00:00'::interval": '0',
};

function describeDefault(value: unknown): string {
  if (is(value, SQL)) {
    const spelled = text(value, sqliteDialect);
    return SAME_DEFAULT[spelled] ?? (spelled.startsWith('lower(hex(randomblob(4)))') ? RANDOM : spelled);
  }
  return value instanceof JsonText ? value.text : (JSON.stringify(value) ?? 'none');
}
