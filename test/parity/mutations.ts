import { sql } from 'drizzle-orm';
import type { ChainName } from '../../src/migrations/chain/revisions.ts';
import type { MigrationConnection } from '../../src/migrations/connection.ts';

export interface Change {
  make(connection: MigrationConnection): Promise<void>;
  undo(connection: MigrationConnection): Promise<void>;
}

/** One way in which somebody may have changed a database by hand, and how a check must tell it. */
export interface Mutation extends Partial<Record<ChainName, Change>> {
  readonly what: string;
  /** Must be found in what is reported. */
  readonly fact: RegExp;
  /** For what SQLite knows nothing of. */
  readonly unseenByParity?: boolean;
}

/** Statements there and back. */
function run(make: string[] | string, undo: string[] | string): Change {
  const all = (statements: string[] | string) => async (connection: MigrationConnection) => {
    for (const statement of [statements].flat()) await connection.run(statement);
  };
  return { make: all(make), undo: all(undo) };
}

/** Rebuilds a table of SQLite with another text, and then with the text that it had. */
function rewrite(table: string, from: string, to: string): Change {
  const change = (edit: (text: string) => string) => async (connection: MigrationConnection) => {
    const rows = await connection.query<{ type: string; sql: string | null }>(
      sql`select type, sql from sqlite_master where tbl_name = ${table} order by type desc`,
    );
    const text = edit(rows.find((row) => row.type === 'table')!.sql!);
    await connection.run('pragma foreign_keys = off');
    await connection.run(text.replace(/^CREATE TABLE "?\w+"?/i, `CREATE TABLE "__new_${table}"`));
    await connection.run(`drop table "${table}"`);
    await connection.run(`alter table "__new_${table}" rename to "${table}"`);
    for (const { type, sql: index } of rows) if (type === 'index' && index) await connection.run(index);
    await connection.run('pragma foreign_keys = on');
  };
  let original = '';
  const edited = (text: string): string => {
    original = text;
    if (!text.includes(from)) throw new Error(`${table} has no ${from}: ${text}`);
    return text.replace(from, to);
  };
  return { make: change(edited), undo: change(() => original) };
}

const both = (change: Change): Record<ChainName, Change> => ({ sqlite: change, pg: change });

const SCHEDULE_KEY = 'fk_deployment_schedule__deployment_id__deployment';
const scheduleKey = (action: string) =>
  `alter table deployment_schedule drop constraint ${SCHEDULE_KEY}, add constraint ${SCHEDULE_KEY}
     foreign key (deployment_id) references deployment (id) ${action}`;
const SELF_REFERENCE = 'ck_block_document_reference__ck_block_document_referenc_824f';
const selfReference = (check: string) =>
  `alter table block_document_reference drop constraint ${SELF_REFERENCE}, add constraint ${SELF_REFERENCE} check (${check})`;
const SLUG =
  'create unique index ix_deployment_schedule__deployment_id__slug on deployment_schedule (deployment_id, slug)';
const NO_SLUG = 'drop index ix_deployment_schedule__deployment_id__slug';
const END_TIME = 'create index ix_flow_run__end_time_desc on flow_run (end_time';

export const mutations: Mutation[] = [
  {
    what: 'an index is gone',
    fact: /flow: index ix_flow__created/,
    ...both(run('drop index ix_flow__created', 'create index ix_flow__created on flow (created)')),
  },
  {
    what: 'an index has lost its order',
    fact: /flow_run: index ix_flow_run__end_time_desc btree \(end_time\)/,
    ...both(
      run(
        ['drop index ix_flow_run__end_time_desc', `${END_TIME})`],
        ['drop index ix_flow_run__end_time_desc', `${END_TIME} desc)`],
      ),
    ),
  },
  {
    what: 'an index has lost its predicate',
    fact: /unique index ix_deployment_schedule__deployment_id__slug btree \(deployment_id, slug\)$/m,
    ...both(run([NO_SLUG, SLUG], [NO_SLUG, `${SLUG} where slug is not null`])),
  },
  {
    what: 'an index is not unique any more',
    fact: /deployment_schedule: index ix_deployment_schedule__deployment_id__slug/,
    ...both(
      run(
        [NO_SLUG, `${SLUG.replace('unique ', '')} where slug is not null`],
        [NO_SLUG, `${SLUG} where slug is not null`],
      ),
    ),
  },
  {
    what: 'there is an index too many',
    fact: /flow: index ix_mine btree \(coalesce\(name,'x'(::character varying)?\)\)/,
    ...both(run("create index ix_mine on flow (coalesce(name, 'x'))", 'drop index ix_mine')),
  },
  {
    what: 'a default is another one',
    fact: /flow: column tags JSONB? not null default '\{\}'/i,
    sqlite: rewrite('flow', `DEFAULT '[]'`, `DEFAULT '{}'`),
    pg: run(
      `alter table flow alter column tags set default '{}'`,
      `alter table flow alter column tags set default '[]'`,
    ),
  },
  {
    what: 'a default is gone',
    fact: /flow: column tags JSONB? not null$/im,
    sqlite: rewrite('flow', `"tags" JSON DEFAULT '[]' NOT NULL`, `"tags" JSON NOT NULL`),
    pg: run(
      'alter table flow alter column tags drop default',
      `alter table flow alter column tags set default '[]'`,
    ),
  },
  {
    what: 'a column may be empty',
    fact: /saved_search: column name (VARCHAR|character varying)$/im,
    sqlite: rewrite('saved_search', '"name" VARCHAR NOT NULL', '"name" VARCHAR'),
    pg: run(
      'alter table saved_search alter column name drop not null',
      'alter table saved_search alter column name set not null',
    ),
  },
  {
    what: 'a column has another type',
    fact: /log: column level TEXT not null/i,
    sqlite: rewrite('log', '"level" SMALLINT', '"level" TEXT'),
    pg: run(
      'alter table log alter column level type text',
      'alter table log alter column level type smallint using level::smallint',
    ),
  },
  {
    what: 'a column is gone',
    fact: /variable: column value JSON/i,
    sqlite: run('alter table variable drop column value', 'alter table variable add column "value" JSON'),
    pg: run('alter table variable drop column value', 'alter table variable add column value jsonb'),
  },
  {
    what: 'there is a column too many',
    fact: /csrf_token: column extra INTEGER/i,
    ...both(
      run('alter table csrf_token add column extra INTEGER', 'alter table csrf_token drop column extra'),
    ),
  },
  {
    what: 'a foreign key does something else',
    fact: /foreign key fk_deployment_schedule\S+ \(deployment_id\) to deployment \(id\) on delete SET NULL/,
    sqlite: rewrite('deployment_schedule', 'ON DELETE CASCADE', 'ON DELETE SET NULL'),
    pg: run(scheduleKey('on delete set null'), scheduleKey('on delete cascade')),
  },
  {
    what: 'a foreign key is gone',
    fact: /deployment_schedule: foreign key fk_deployment_schedule/,
    sqlite: rewrite(
      'deployment_schedule',
      `,\n  CONSTRAINT ${SCHEDULE_KEY} FOREIGN KEY ("deployment_id") REFERENCES "deployment" ("id") ON DELETE CASCADE\n`,
      '\n',
    ),
    pg: run(
      `alter table deployment_schedule drop constraint ${SCHEDULE_KEY}`,
      `alter table deployment_schedule add constraint ${SCHEDULE_KEY} foreign key (deployment_id) references deployment (id) on delete cascade`,
    ),
  },
  {
    what: 'a unique constraint is gone',
    fact: /variable: unique uq_variable__name \(name\)/,
    sqlite: rewrite('variable', ',\n  CONSTRAINT uq_variable__name UNIQUE ("name")', ''),
    pg: run(
      'alter table variable drop constraint uq_variable__name',
      'alter table variable add constraint uq_variable__name unique (name)',
    ),
  },
  {
    what: 'a primary key has another column',
    fact: /variable: primary key pk_variable \(id, name\)/,
    sqlite: rewrite('variable', 'PRIMARY KEY ("id")', 'PRIMARY KEY ("id", "name")'),
    pg: run(
      'alter table variable drop constraint pk_variable, add constraint pk_variable primary key (id, name)',
      'alter table variable drop constraint pk_variable, add constraint pk_variable primary key (id)',
    ),
  },
  {
    what: 'a constraint has another name',
    fact: /variable: unique uq_other \(name\)/,
    sqlite: rewrite('variable', 'CONSTRAINT uq_variable__name', 'CONSTRAINT uq_other'),
    pg: run(
      'alter table variable rename constraint uq_variable__name to uq_other',
      'alter table variable rename constraint uq_other to uq_variable__name',
    ),
  },
  {
    what: 'a check is another one',
    fact: /block_document_reference: check ck_\S+ parent_block_document_id = reference_block_document_id/,
    sqlite: rewrite('block_document_reference', 'id != ref', 'id = ref'),
    pg: run(
      selfReference('parent_block_document_id = reference_block_document_id'),
      selfReference('parent_block_document_id <> reference_block_document_id'),
    ),
  },
  {
    what: 'there is a table too many',
    fact: /extra_table/,
    ...both(run('create table extra_table (id integer)', 'drop table extra_table')),
  },
  {
    what: 'there is a view',
    fact: /view mine/,
    ...both(run('create view mine as select 1 as one', 'drop view mine')),
  },
  {
    what: 'there is a trigger',
    fact: /flow: trigger mine/,
    sqlite: run(
      "create trigger mine before delete on flow begin select raise(abort, 'no'); end",
      'drop trigger mine',
    ),
    pg: run(
      'create trigger mine before update on flow for each row execute function suppress_redundant_updates_trigger()',
      'drop trigger mine on flow',
    ),
  },
  {
    what: 'a column has another collation',
    fact: /saved_search: column name \S+.* collate (nocase|C) not null/i,
    sqlite: rewrite('saved_search', '"name" VARCHAR', '"name" VARCHAR COLLATE NOCASE'),
    pg: run(
      'alter table saved_search alter column name type varchar collate "C"',
      'alter table saved_search alter column name type varchar collate "default"',
    ),
  },
  {
    what: 'an enumeration has a value too many',
    fact: /enum worker_status \(ONLINE, OFFLINE, LOST\)/,
    unseenByParity: true,
    // No way back: this one comes last.
    pg: run("alter type worker_status add value 'LOST'", []),
  },
];
