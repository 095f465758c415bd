/** A database's structure as lines of text that can be compared. */
import { isBookKeeping } from './book-keeping.ts';
import { canonical } from './canonical.ts';
import type {
  Catalog,
  CatalogCheck,
  CatalogColumn,
  CatalogForeignKey,
  CatalogIndex,
  CatalogIndexKey,
  CatalogKey,
  CatalogTable,
} from './catalog.ts';

export type FactKind =
  | 'enum'
  | 'extension'
  | 'view'
  | 'table'
  | 'order'
  | 'option'
  | 'column'
  | 'primary key'
  | 'unique'
  | 'foreign key'
  | 'check'
  | 'index'
  | 'trigger';

/** One thing that is so in a database. */
export interface Fact {
  readonly kind: FactKind;
  /** Null for what is no part of a table. */
  readonly table: string | null;
  /** Tells it from the others of its kind and table. */
  readonly name: string;
  /** The whole fact as a line. */
  readonly text: string;
}

/** All facts, one for each object, and one for the order of each table's columns. */
export function catalogFacts(catalog: Catalog): Fact[] {
  const facts = [
    ...catalog.enums.map(({ name, values }) => free('enum', name, `enum ${name} (${values.join(', ')})`)),
    ...catalog.extensions
      .filter(({ name }) => name !== 'plpgsql')
      .map(({ name }) => free('extension', name, `extension ${name}`)),
    ...catalog.views.map(({ name, definition }) =>
      free('view', name, `view ${name} ${canonical(definition)}`),
    ),
  ];
  for (const [name, table] of Object.entries(catalog.tables)) {
    if (!isBookKeeping(name)) facts.push(...tableFacts(name, table));
  }
  return facts;
}

const free = (kind: FactKind, name: string, text: string): Fact => ({ kind, table: null, name, text });

function tableFacts(name: string, table: CatalogTable): Fact[] {
  const fact = (kind: FactKind, own: string, text: string): Fact => ({
    kind,
    table: name,
    name: own,
    text: `${name}: ${text}`,
  });
  const order = table.columns.map((column) => column.name).join(', ');
  const { primaryKey } = table;
  return [
    fact('order', '', `columns in order ${order}`),
    ...table.options.map((option) => fact('option', option, option)),
    ...table.columns.map((column) => fact('column', column.name, describeColumn(column))),
    ...(primaryKey
      ? [fact('primary key', nameOf(primaryKey), `primary key ${describeKey(primaryKey)}`)]
      : []),
    ...table.uniques.map((key) => fact('unique', nameOf(key), `unique ${describeKey(key)}`)),
    ...table.foreignKeys.map((key) => fact('foreign key', nameOf(key), describeForeignKey(key))),
    ...table.checks.map((check) => fact('check', nameOf(check), describeCheck(check))),
    ...table.indexes.map((index) => fact('index', index.name, describeIndex(index))),
    ...table.triggers.map((trigger) =>
      fact('trigger', trigger.name, `trigger ${trigger.name} ${canonical(trigger.definition)}`),
    ),
  ];
}

/** A constraint without a name is known by its columns. */
const nameOf = ({ name, columns }: CatalogKey): string => name || `(${columns.join(', ')})`;

const withMarks = (text: string, marks: readonly string[]): string => [text, ...marks].join(' ');

function describeColumn(column: CatalogColumn): string {
  const words = [`column ${column.name} ${column.type}`];
  if (column.collation !== null) words.push(`collate ${column.collation}`);
  if (!column.nullable) words.push('not null');
  if (column.identity !== null) words.push(`identity ${column.identity}`);
  if (column.generated !== null) {
    const { expression, stored } = column.generated;
    words.push(`generated as ${canonical(expression)} ${stored ? 'stored' : 'virtual'}`);
  }
  if (column.default !== null) words.push(`default ${canonical(column.default)}`);
  return words.join(' ');
}

function describeKey({ name, columns, marks }: CatalogKey): string {
  return withMarks(`${name || '(unnamed)'} (${columns.join(', ')})`, marks);
}

function describeForeignKey(key: CatalogForeignKey): string {
  const text =
    `foreign key ${describeKey({ ...key, marks: [] })} to ${key.refTable} (${key.refColumns.join(', ')}) ` +
    `on delete ${key.onDelete} on update ${key.onUpdate}`;
  return withMarks(text, key.marks);
}

function describeCheck({ name, expression, marks }: CatalogCheck): string {
  return withMarks(`check ${name || '(unnamed)'} ${canonical(expression)}`, marks);
}

function describeIndex(index: CatalogIndex): string {
  const words = [index.unique ? 'unique index' : 'index', index.name, index.method];
  words.push(`(${index.keys.map(describeIndexKey).join(', ')})`);
  if (index.include.length > 0) words.push(`include (${index.include.join(', ')})`);
  if (index.predicate !== null) words.push(`where ${canonical(index.predicate)}`);
  return withMarks(words.join(' '), index.marks);
}

function describeIndexKey(key: CatalogIndexKey): string {
  const words = [key.column ?? canonical(key.expression ?? '')];
  if (key.collation !== null) words.push(`collate ${key.collation}`);
  if (key.opclass !== null) words.push(key.opclass);
  if (key.desc) words.push('desc');
  const usual = key.desc ? 'first' : 'last';
  if (key.nulls !== null && key.nulls !== usual) words.push(`nulls ${key.nulls}`);
  return words.join(' ');
}
