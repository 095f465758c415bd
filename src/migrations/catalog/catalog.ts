/** A database's structure as its engine tells it, and as lines of text that can be compared. */

export interface Catalog {
  readonly enums: CatalogEnum[];
  readonly extensions: { readonly name: string }[];
  readonly tables: Record<string, CatalogTable>;
  readonly views: { readonly name: string; readonly definition: string }[];
}

export interface CatalogEnum {
  readonly name: string;
  readonly values: string[];
}

export interface CatalogTable {
  readonly columns: CatalogColumn[];
  readonly primaryKey: CatalogKey | null;
  readonly uniques: CatalogKey[];
  readonly foreignKeys: CatalogForeignKey[];
  readonly checks: CatalogCheck[];
  readonly indexes: CatalogIndex[];
  readonly triggers: CatalogTrigger[];
  /** What else is special: `unlogged`, `without rowid`, `strict`, `autoincrement`. */
  readonly options: string[];
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly generated: { readonly expression: string; readonly stored: boolean } | null;
  readonly identity: 'always' | 'by default' | null;
  /** Null for the one of the type. */
  readonly collation: string | null;
}

export interface CatalogKey {
  /** Empty where it was given none. */
  readonly name: string;
  readonly columns: string[];
  /** How it differs from an ordinary one: `nulls not distinct`, `deferrable initially deferred`, `not valid`, `disabled`. */
  readonly marks: string[];
  /** What follows ADD CONSTRAINT and the name on PostgreSQL; empty on SQLite. */
  readonly definition: string;
}

export interface CatalogForeignKey extends CatalogKey {
  readonly refTable: string;
  readonly refColumns: string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

export interface CatalogCheck extends CatalogKey {
  readonly expression: string;
}

export interface CatalogIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly method: string;
  readonly keys: CatalogIndexKey[];
  readonly include: string[];
  readonly predicate: string | null;
  /** `INVALID` for what a broken CREATE INDEX CONCURRENTLY left behind, `nulls not distinct`. */
  readonly marks: string[];
  /** The statement that makes it. */
  readonly definition: string;
}

export interface CatalogIndexKey {
  readonly column: string | null;
  readonly expression: string | null;
  /** Null where the method knows no order. */
  readonly desc: boolean | null;
  readonly nulls: string | null;
  /** Null for the one of the column. */
  readonly collation: string | null;
  /** Null for the one that the type has by default. */
  readonly opclass: string | null;
}

export interface CatalogTrigger {
  readonly name: string;
  readonly definition: string;
}

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

/** Tables of the server's own book-keeping and of Alembic's are no part of the schema. */
export const isForeignToSchema = (table: string): boolean =>
  table === 'alembic_version' || table.startsWith('_');

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
    if (!isForeignToSchema(name)) facts.push(...tableFacts(name, table));
  }
  return facts;
}

/** One line a fact, sorted. */
export function describeCatalog(catalog: Catalog): string[] {
  return catalogFacts(catalog)
    .map((fact) => fact.text)
    .sort();
}

export const isColumnOrder = (fact: string): boolean => / columns in order /.test(fact);

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

/** One spelling of an expression: SQLite gives back what was written, with its spaces, quotes and case. */
export function canonical(expression: string): string {
  const text = expression
    .split(/('(?:[^']|'')*')/)
    .map((part, index) => (index % 2 === 1 ? part : canonicalCode(part)))
    .join('')
    .trim();
  return hasOuterParentheses(text) ? canonical(text.slice(1, -1)) : text;
}

function canonicalCode(code: string): string {
  return code
    .toLowerCase()
    .replaceAll('"', '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([(),]) ?/g, '$1');
}

function hasOuterParentheses(text: string): boolean {
  if (!text.startsWith('(')) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')' && --depth === 0) return at === text.length - 1;
  }
  return false;
}
