/** A database's structure as its engine tells it, and as lines of text that can be compared. */

export interface Catalog {
  readonly enums: { name: string; values: string[] }[];
  readonly extensions: { name: string }[];
  readonly tables: Record<string, CatalogTable>;
}

export interface CatalogTable {
  readonly columns: CatalogColumn[];
  readonly primary_key: CatalogKey | null;
  readonly unique_constraints: CatalogKey[];
  readonly foreign_keys: CatalogForeignKey[];
  readonly check_constraints: { name: string; expression: string }[];
  readonly indexes: CatalogIndex[];
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
}

export interface CatalogKey {
  readonly name: string;
  readonly columns: string[];
}

export interface CatalogForeignKey extends CatalogKey {
  readonly ref_table: string;
  readonly ref_columns: string[];
  readonly on_delete: string;
  readonly on_update: string;
}

export interface CatalogIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly method: string;
  readonly keys: CatalogIndexKey[];
  readonly include: string[];
  readonly predicate: string | null;
}

export interface CatalogIndexKey {
  readonly column: string | null;
  readonly expression: string | null;
  /** Null where the method knows no order. */
  readonly desc: boolean | null;
  readonly nulls: string | null;
  readonly collation: string | null;
  readonly opclass: string | null;
  readonly opclass_default?: boolean;
}

/** One line a fact, sorted; the order of columns is a fact of its own. Other programs' tables are left out. */
export function describeCatalog(catalog: Catalog): string[] {
  const facts = [
    ...catalog.enums.map(({ name, values }) => `enum ${name} (${values.join(', ')})`),
    ...catalog.extensions
      .map(({ name }) => `extension ${name}`)
      .filter((fact) => fact !== 'extension plpgsql'),
  ];
  for (const [name, table] of Object.entries(catalog.tables)) {
    if (name === 'alembic_version' || name.startsWith('_')) continue;
    facts.push(...describeTable(table).map((fact) => `${name}: ${fact}`));
  }
  return facts.sort();
}

export const isColumnOrder = (fact: string): boolean => / columns in order /.test(fact);

function describeTable(table: CatalogTable): string[] {
  return [
    `columns in order ${table.columns.map((column) => column.name).join(', ')}`,
    ...table.columns.map(describeColumn),
    ...(table.primary_key ? [`primary key ${describeKey(table.primary_key)}`] : []),
    ...table.unique_constraints.map((key) => `unique ${describeKey(key)}`),
    ...table.foreign_keys.map(
      (key) =>
        `foreign key ${describeKey(key)} to ${key.ref_table} (${key.ref_columns.join(', ')}) ` +
        `on delete ${key.on_delete} on update ${key.on_update}`,
    ),
    ...table.check_constraints.map((check) => `check ${check.name} ${canonical(check.expression)}`),
    ...table.indexes.map(describeIndex),
  ];
}

function describeColumn(column: CatalogColumn): string {
  const value = column.default === null ? '' : ` default ${canonical(column.default)}`;
  return `column ${column.name} ${column.type}${column.nullable ? '' : ' not null'}${value}`;
}

function describeKey({ name, columns }: CatalogKey): string {
  return `${name} (${columns.join(', ')})`;
}

function describeIndex(index: CatalogIndex): string {
  const words = [index.unique ? 'unique index' : 'index', index.name, index.method];
  words.push(`(${index.keys.map(describeIndexKey).join(', ')})`);
  if (index.include.length > 0) words.push(`include (${index.include.join(', ')})`);
  if (index.predicate !== null) words.push(`where ${canonical(index.predicate)}`);
  return words.join(' ');
}

function describeIndexKey(key: CatalogIndexKey): string {
  const words = [key.column ?? canonical(key.expression ?? '')];
  if (key.collation !== null && !['BINARY', 'default'].includes(key.collation))
    words.push(`collate ${key.collation}`);
  if (key.opclass !== null && !key.opclass_default) words.push(key.opclass);
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
