/** Columns whose values Prefect has moved to another table, by date and subject. */

import type { Model } from './model/model.ts';
import { alter, columns, refers, table } from './prefect-history-steps.ts';

export interface Move {
  readonly what: string;
  readonly before: Model;
  /** With both columns. */
  readonly after: Model;
  /** Without the old one. */
  readonly last: Model;
  readonly rows: readonly string[];
  readonly step: string;
  /** What the new place holds, and the old one. */
  readonly moved: string;
  readonly source: string;
}

interface Names {
  readonly what: string;
  readonly from: string;
  readonly column: string;
  readonly to: string;
  readonly as: string;
  readonly type: string;
  readonly values: readonly string[];
}

const id = (n: number) => `'00000000-0000-4000-8000-${String(n).padStart(12, '0')}'`;
const typed = `
type Row = Record<string, unknown>;
interface Database {
  update(table: string, rows: Row[]): Promise<void>;
  insert(table: string, rows: Row[]): Promise<void>;
  delete(table: string, keys: unknown[]): Promise<void>;
  query(text: string, params?: unknown[]): Promise<Row[]>;
}
const list = (keys: unknown[]) => keys.map(() => '?').join(', ');
`;

const withRows = ({ from, column, values }: Names): string[] => [
  `insert into ${from} (id, ${column}) values ${values.map((value, at) => `(${id(at + 1)}, ${value})`).join(', ')}`,
];

/** To the rows that refer to the old place: each gets what it refers to. */
function toReferring(names: Names & { readonly ref: string }): Move {
  const { what, from, column, to, as, type, ref, values } = names;
  const before: Model = {
    tables: {
      [from]: table(`${column} ${type}`),
      [to]: { ...table(`${ref} uuid`), keys: { [`fk_${to}__${ref}`]: refers(ref, from, 'set null') } },
    },
  };
  const after = alter(before, to, { add: [`${as} ${type}`] });
  const referring = values.map((_, at) => `(${id(at + 11)}, ${id(at + 1)})`);
  return {
    what,
    before,
    after,
    last: alter(after, from, { drop: [column] }),
    rows: [
      ...withRows(names),
      `insert into ${to} (id, ${ref}) values ${referring.join(', ')}, (${id(99)}, null)`,
    ],
    step: `${typed}
export default {
  table: '${to}',
  batchSize: 2,
  columns: ['${ref}', '${as}'],
  where: '${ref} IS NOT NULL',
  async up(rows: Row[], db: Database) {
    const keys = rows.map((row) => row['${ref}']);
    const found = await db.query(\`select id, ${column} from ${from} where id in (\${list(keys)})\`, keys);
    const values = new Map(found.map((row) => [row['id'], row['${column}']]));
    await db.update('${to}', rows.map((row) => ({ id: row['id'], ${as}: values.get(row['${ref}']) })));
  },
  async down(rows: Row[], db: Database) {
    await db.update('${from}', rows.map((row) => ({ id: row['${ref}'], ${column}: row['${as}'] })));
  },
};
`,
    moved: `select t.${as} as value from ${to} t where t.${ref} is not null order by t.id`,
    source: `select ${column} as value from ${from} order by id`,
  };
}

/** To a row of its own in a new table, under the same id. */
function toNewRows(names: Names): Move {
  const { what, from, column, to, as, type } = names;
  const before: Model = { tables: { [from]: table(`${column} ${type}`) } };
  const after: Model = {
    tables: { ...before.tables, [to]: { columns: { ...columns('id uuid!', `${as} ${type}`) }, key: ['id'] } },
  };
  return {
    what,
    before,
    after,
    last: alter(after, from, { drop: [column] }),
    rows: withRows(names),
    step: `${typed}
export default {
  table: '${from}',
  batchSize: 2,
  columns: ['${column}'],
  async up(rows: Row[], db: Database) {
    await db.insert('${to}', rows.map((row) => ({ id: row['id'], ${as}: row['${column}'] })));
  },
  async down(rows: Row[], db: Database) {
    const keys = rows.map((row) => row['id']);
    const found = await db.query(\`select id, ${as} as ${column} from ${to} where id in (\${list(keys)})\`, keys);
    await db.update('${from}', found);
  },
};
`,
    moved: `select ${as} as value from ${to} order by id`,
    source: `select ${column} as value from ${from} order by id`,
  };
}

const names = ["'Completed'", "'It''s late'", 'null', "'Awaiting'", "''"];
const moments = ["'2022-10-12 10:20:48.123456'", 'null', "'2022-10-12 10:20:49.000001'"];
const documents = [`'{"type": "result", "path": "a/b"}'`, 'null', `'[1, "two", null]'`];

export const moves: Move[] = [
  ...['flow_run', 'task_run'].flatMap((run) => [
    toReferring({
      what: `2022-04-21 the state's name to ${run}`,
      from: `${run}_state`,
      column: 'name',
      to: run,
      as: 'state_name',
      ref: 'state_id',
      type: 'varchar',
      values: names,
    }),
    toReferring({
      what: `2022-10-12 the state's timestamp to ${run}`,
      from: `${run}_state`,
      column: 'moment',
      to: run,
      as: 'state_timestamp',
      ref: 'state_id',
      type: 'timestamp',
      values: moments,
    }),
    toNewRows({
      what: `2023-01-12 the data of ${run}_state to artifacts`,
      from: `${run}_state`,
      column: 'data',
      to: 'artifact',
      as: 'data',
      type: 'json',
      values: documents,
    }),
  ]),
  toReferring({
    what: "2022-08-07 the deployment's work queue name to flow runs",
    from: 'deployment',
    column: 'queue_name',
    to: 'flow_run',
    as: 'work_queue_name',
    ref: 'deployment_id',
    type: 'varchar',
    values: names,
  }),
  toReferring({
    what: "2023-10-30 the block type's name to block documents",
    from: 'block_type',
    column: 'name',
    to: 'block_document',
    as: 'block_type_name',
    ref: 'block_type_id',
    type: 'varchar',
    values: names,
  }),
  toNewRows({
    what: '2024-01-22 schedules of deployments to a table of their own',
    from: 'deployment',
    column: 'schedule',
    to: 'deployment_schedule',
    as: 'schedule',
    type: 'json',
    values: documents,
  }),
  toNewRows({
    what: '2024-09-16 limits of deployments to global limits',
    from: 'deployment',
    column: 'concurrency',
    to: 'concurrency_limit_v2',
    as: 'slots',
    type: 'integer',
    values: ['1', 'null', '42'],
  }),
  toNewRows({
    what: '2025-09-17 concurrency limits to those of version 2',
    from: 'concurrency_limit',
    column: 'tag',
    to: 'concurrency_limit_v2',
    as: 'name',
    type: 'varchar',
    values: names,
  }),
];
