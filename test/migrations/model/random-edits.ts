import {
  type Column,
  columnOf,
  type Domain,
  isText,
  LABELS,
  type Schema,
  type Table,
  TYPES,
} from './random-schema.ts';

/** One change: of what kind, and numbers that pick what it is about. */
export interface Edit {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Gives the schema as it was where there is nothing to change. */
type Apply = (schema: Schema, edit: Edit) => Schema;

const pick = <Thing>(things: readonly Thing[], at: number): Thing | undefined =>
  things.length === 0 ? undefined : things[at % things.length];

const DOMAINS: readonly Domain[] = ['number', 'truth', 'logical', 'word', 'mood'];
const DEFAULTS: Record<string, readonly (string | number | boolean)[]> = {
  number: [7, -3],
  truth: [true, false],
  logical: [true, false],
  word: ["it's", 'plain'],
  mood: LABELS,
};

/** Some need quotes, which every statement and every rename has to keep. */
const columnName = (next: number, style: number): string =>
  [`c${next}`, `c${next}`, `Mixed${next}`, `the order ${next}`][style % 4]!;

const withTable = (schema: Schema, table: Table): Schema => ({
  ...schema,
  tables: schema.tables.map((one) => (one.uid === table.uid ? table : one)),
});
const withColumn = (schema: Schema, table: Table, column: Column): Schema =>
  withTable(schema, {
    ...table,
    columns: table.columns.map((one) => (one.uid === column.uid ? column : one)),
  });
const numbered = (schema: Schema): Schema => ({ ...schema, next: schema.next + 1 });

/** Picks a table, and one of its columns that will do. */
function change(
  suits: (column: Column, table: Table) => boolean,
  apply: (column: Column, table: Table, edit: Edit, schema: Schema) => Schema,
): Apply {
  return (schema, edit) => {
    const table = pick(schema.tables, edit.a);
    const column =
      table &&
      pick(
        table.columns.filter((one) => suits(one, table)),
        edit.b,
      );
    return table && column ? apply(column, table, edit, schema) : schema;
  };
}

const isOwn = ({ domain }: Column) => domain !== 'id' && domain !== 'ref';
const isPlain = (column: Column) => isOwn(column) && !column.generated;
const isSource = (column: Column, table: Table) =>
  table.columns.some(({ generated }) => generated?.from === column.uid);
const isKey = (column: Column, table: Table) => table.keyWith === column.uid || column.domain === 'id';

const addColumn: Apply = (schema, { a, b, c }) => {
  const table = pick(schema.tables, a);
  if (!table) return schema;
  const domain = pick(DOMAINS, b)!;
  const value = pick(DEFAULTS[domain]!, c)!;
  const hasDefault = c % 3 !== 0;
  const notNull = hasDefault && c % 2 === 0;
  const column: Column = {
    uid: schema.next,
    name: columnName(schema.next, b),
    domain,
    type: pick(TYPES[domain], c)!,
    notNull,
    wasNotNull: notNull,
    ...(hasDefault && { default: value }),
  };
  return withTable(numbered(schema), { ...table, columns: [...table.columns, column] });
};

const addReference: Apply = (schema, { a, b, c }) => {
  const [table, target] = [
    pick(schema.tables, a),
    pick(
      schema.tables.filter((one) => one.keyWith === undefined),
      b,
    ),
  ];
  if (!table || !target) return schema;
  const column: Column = {
    uid: schema.next,
    name: columnName(schema.next, c),
    domain: 'ref',
    type: 'varchar',
    notNull: false,
    wasNotNull: false,
    refers: target.uid,
  };
  const key = { name: `fk_${schema.next}`, column: column.uid, ...action(c) };
  const keys = c % 4 === 0 ? table.keys : [...table.keys, key];
  return withTable(numbered(schema), { ...table, columns: [...table.columns, column], keys });
};

const action = (c: number) => ({ onDelete: c % 2 === 0 ? ('cascade' as const) : ('set null' as const) });

const addGenerated = change(
  (column) => isPlain(column) && (isText(column.type) || ['integer', 'float'].includes(column.type)),
  (column, table, { c }, schema) => {
    if (column.domain === 'truth') return schema;
    const generated: Column = {
      ...column,
      uid: schema.next,
      name: columnName(schema.next, c),
      notNull: false,
      wasNotNull: false,
      generated: { from: column.uid, kind: c % 2 === 0 ? 'stored' : 'virtual' },
    };
    const { default: _, ...rest } = generated;
    return withTable(numbered(schema), { ...table, columns: [...table.columns, rest] });
  },
);

/** Not one that might have to be filled on the way back though nothing is left to fill it with. */
const canGo = (column: Column, table: Table) =>
  column.domain !== 'id' && !isKey(column, table) && (!column.wasNotNull || column.notNull);

function withoutColumns(table: Table, gone: (column: Column) => boolean): Table {
  const uids = new Set(table.columns.filter(gone).map(({ uid }) => uid));
  const columns = table.columns.filter(
    ({ uid, generated }) => !uids.has(uid) && !(generated && uids.has(generated.from)),
  );
  const left = new Set(columns.map(({ uid }) => uid));
  const stays = ({ column }: { column: number }) => left.has(column);
  return {
    ...table,
    columns,
    indexes: table.indexes.filter(stays),
    uniques: table.uniques.filter(stays),
    checks: table.checks.filter(stays),
    keys: table.keys.filter(stays),
  };
}

const dropColumn = change(canGo, (column, table, _, schema) =>
  withTable(
    schema,
    withoutColumns(table, ({ uid }) => uid === column.uid),
  ),
);

const renameColumn = change(
  () => true,
  (column, table, { c }, schema) =>
    withColumn(numbered(schema), table, { ...column, name: columnName(schema.next, c) }),
);

const retype = change(
  (column, table) => isPlain(column) && !isSource(column, table),
  (column, table, { c }, schema) =>
    withColumn(schema, table, { ...column, type: pick(TYPES[column.domain], c)! }),
);

const setDefault = change(isPlain, (column, table, { c }, schema) => {
  if (column.notNull)
    return withColumn(schema, table, { ...column, default: pick(DEFAULTS[column.domain]!, c)! });
  const { default: _, ...rest } = column;
  return withColumn(
    schema,
    table,
    c % 2 === 0 ? rest : { ...rest, default: pick(DEFAULTS[column.domain]!, c)! },
  );
});

const setNullability = change(
  (column, table) =>
    isPlain(column) && !isKey(column, table) && (column.notNull || column.default !== undefined),
  (column, table, _, schema) =>
    withColumn(schema, table, { ...column, notNull: !column.notNull, wasNotNull: true }),
);

const addIndex = change(
  () => true,
  (column, table, { c }, schema) =>
    withTable(numbered(schema), {
      ...table,
      indexes: [...table.indexes, { name: `ix_${schema.next}`, kind: c, column: column.uid }],
    }),
);

const changeIndex: Apply = (schema, { a, b, c }) => {
  const table = pick(schema.tables, a);
  const index = table && pick(table.indexes, b);
  if (!table || !index) return schema;
  const rest = table.indexes.filter((one) => one !== index);
  const changes = [[], [{ ...index, kind: index.kind + 1 }], [{ ...index, name: `ix_${schema.next}` }]];
  return withTable(numbered(schema), { ...table, indexes: [...rest, ...pick(changes, c)!] });
};

const changeUniques = change(isOwn, (column, table, { c }, schema) => {
  const [first, ...rest] = table.uniques;
  const added = { name: `uq_${schema.next}`, column: column.uid };
  const uniques =
    first && c % 3 === 0
      ? rest
      : first && c % 3 === 1
        ? [{ ...first, column: column.uid }, ...rest]
        : [...table.uniques, added];
  return withTable(numbered(schema), { ...table, uniques });
});

const changeChecks = change(isOwn, (column, table, { c }, schema) => {
  const [first, ...rest] = table.checks;
  const added = { name: `ck_${schema.next}`, column: column.uid, limit: c };
  const checks =
    first && c % 3 === 0
      ? rest
      : first && c % 3 === 1
        ? [{ ...first, limit: c }, ...rest]
        : [...table.checks, added];
  return withTable(numbered(schema), { ...table, checks });
});

const changeForeignKey = change(
  ({ domain }) => domain === 'ref',
  (column, table, { c }, schema) => {
    const target = schema.tables.find(({ uid }) => uid === column.refers)!;
    const old = table.keys.find((key) => key.column === column.uid);
    const others = table.keys.filter((key) => key !== old);
    if (old)
      return withTable(schema, {
        ...table,
        keys: c % 3 === 0 ? others : [...others, { ...old, ...action(c) }],
      });
    if (target.keyWith !== undefined) return schema;
    const key = { name: `fk_${schema.next}`, column: column.uid, ...action(c) };
    return withTable(numbered(schema), { ...table, keys: [...others, key] });
  },
);

const changeKey = change(
  (column, table) => isPlain(column) && column.notNull && columnOf(table, column.uid) !== undefined,
  (column, table, _, schema) => {
    const isReferred = schema.tables.some(({ columns }) =>
      columns.some(({ refers }) => refers === table.uid),
    );
    if (isReferred) return schema;
    const { keyWith, ...rest } = table;
    return withTable(schema, keyWith === undefined ? { ...rest, keyWith: column.uid } : rest);
  },
);

export const addTable: Apply = (schema) => {
  const id: Column = {
    uid: schema.next,
    name: 'id',
    domain: 'id',
    type: 'varchar',
    notNull: true,
    wasNotNull: true,
  };
  const uid = schema.next + 1;
  const table = { uid, name: `t${uid}`, columns: [id], indexes: [], uniques: [], checks: [], keys: [] };
  return { ...schema, tables: [...schema.tables, table], next: uid + 1 };
};

/** What refers to it goes with it: on the way back it is empty. */
const dropTable: Apply = (schema, { a }) => {
  const gone = pick(schema.tables, a);
  if (!gone || schema.tables.length < 3) return schema;
  const left = schema.tables.filter((table) => table !== gone);
  const tables = left.map((table) => withoutColumns(table, ({ refers }) => refers === gone.uid));
  return { ...schema, tables };
};

const renameTable: Apply = (schema, { a }) => {
  const table = pick(schema.tables, a);
  return table ? withTable(numbered(schema), { ...table, name: `t${schema.next}` }) : schema;
};

const changeLabels: Apply = (schema, { a, b }) => {
  const loose = schema.labels.filter((label) => !LABELS.includes(label));
  if (a % 3 === 0 && loose.length > 0) {
    const gone = pick(loose, b);
    return { ...schema, labels: schema.labels.filter((label) => label !== gone) };
  }
  if (a % 3 === 1) return { ...schema, labels: schema.labels.toReversed() };
  const label = `mood ${schema.next}`;
  return { ...numbered(schema), labels: schema.labels.toSpliced(b % (schema.labels.length + 1), 0, label) };
};

const EDITS: readonly Apply[] = [
  addColumn,
  addColumn,
  addReference,
  addGenerated,
  dropColumn,
  dropColumn,
  renameColumn,
  retype,
  retype,
  setDefault,
  setNullability,
  addIndex,
  changeIndex,
  changeUniques,
  changeChecks,
  changeForeignKey,
  changeKey,
  addTable,
  dropTable,
  renameTable,
  changeLabels,
];
export const KINDS = EDITS.length;

export const edited = (schema: Schema, edits: readonly Edit[]): Schema =>
  edits.reduce((now, edit) => EDITS[edit.kind]!(now, edit), schema);
