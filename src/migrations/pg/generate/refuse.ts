import { MigrationError } from '../../errors.ts';
import { enumOf, MAX_NAME_BYTES } from './ddl.ts';
import { isSerial, keyOf, type PgSnapshot, type PgTable, primaryKeyOf, serialSequence } from './snapshot.ts';

type Whole = PgSnapshot & Record<(typeof KINDS)[number], Record<string, unknown>>;
const KINDS = ['views', 'sequences', 'policies', 'roles', 'schemas'] as const;

/** What a schema may hold and no revision can be planned for: refused, rather than left out in silence. */
export function refuseUnplanned(snapshot: PgSnapshot): void {
  for (const kind of KINDS) refuseKind(kind, Object.keys((snapshot as Whole)[kind] ?? {}));
  for (const one of Object.values(snapshot.enums)) {
    if (one.schema !== 'public') refuseKind('enumerations in other schemas', [`${one.schema}.${one.name}`]);
  }
  for (const table of Object.values(snapshot.tables)) {
    if (table.schema !== '') refuseKind('tables in other schemas', [`${table.schema}.${table.name}`]);
    const { policies, isRLSEnabled } = table as PgTable & { policies?: object; isRLSEnabled?: boolean };
    if (isRLSEnabled || Object.keys(policies ?? {}).length > 0)
      refuseKind('row-level security', [table.name]);
    refuseMissingEnums(snapshot, table);
    refuseParameters(table);
  }
  for (const [what, name] of names(snapshot)) refuseLong(what, name);
}

function refuseKind(kind: string, found: string[]): void {
  if (found.length === 0) return;
  throw new MigrationError(
    'chain',
    `No revision can be planned for ${kind} (${found.join(', ')}): take what it is out of the PostgreSQL schema and ` +
      'write it by hand, with npm run generate -- --custom "what it does".',
  );
}

function refuseMissingEnums(snapshot: PgSnapshot, table: PgTable): void {
  const missing = Object.values(table.columns).find((column) => {
    const name = enumOf(column);
    return name !== null && !snapshot.enums[keyOf(name)];
  });
  if (!missing) return;
  throw new MigrationError(
    'chain',
    `The enumeration ${enumOf(missing)} of ${table.name}.${missing.name} is no part of the PostgreSQL schema: ` +
      'export it from a file that drizzle.pg.config.ts names.',
  );
}

/** A value in an expression becomes a parameter, which DDL can't have. */
function refuseParameters(table: PgTable): void {
  const expressions = [
    ...Object.values(table.checkConstraints).map(({ name, value }) => [name, value] as const),
    ...Object.values(table.columns).map(({ name, generated }) => [name, generated?.as ?? ''] as const),
    ...Object.values(table.indexes).flatMap(({ name, where, columns }) =>
      [where ?? '', ...columns.map((key) => (key.isExpression ? key.expression : ''))].map(
        (text) => [name, text] as const,
      ),
    ),
  ];
  const found = expressions.find(([, text]) => /\$\d/.test(text.replaceAll(/'(?:[^']|'')*'/g, '')));
  if (!found) return;
  throw new MigrationError(
    'chain',
    `The expression of ${found[0]} on ${table.name} holds a value as a parameter (${found[1]}): ` +
      'write the value into the SQL, or wrap it in sql.raw(...).',
  );
}

function refuseLong(what: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes <= MAX_NAME_BYTES) return;
  throw new MigrationError(
    'chain',
    `${what} ${name} has ${bytes} bytes and PostgreSQL keeps ${MAX_NAME_BYTES} of a name: ` +
      'give it a shorter one in both schemas.',
  );
}

function names(snapshot: PgSnapshot): [what: string, name: string][] {
  const all: [string, string][] = [];
  const add = (what: string, found: Iterable<string>) => {
    for (const name of found) all.push([what, name]);
  };
  for (const one of Object.values(snapshot.enums)) {
    add('The enumeration', [one.name]);
    add(`The value of ${one.name},`, one.values);
  }
  for (const table of Object.values(snapshot.tables)) {
    const columns = Object.values(table.columns);
    const key = primaryKeyOf(table);
    add('The table', [table.name]);
    add(`The column of ${table.name},`, Object.keys(table.columns));
    add(`The index of ${table.name},`, Object.keys(table.indexes));
    add(`The foreign key of ${table.name},`, Object.keys(table.foreignKeys));
    add(`The primary key of ${table.name},`, key ? [key.name] : []);
    add(`The unique constraint of ${table.name},`, Object.keys(table.uniqueConstraints));
    add(`The check of ${table.name},`, Object.keys(table.checkConstraints));
    const serials = columns.filter(isSerial).map(({ name }) => serialSequence(table.name, name));
    const identities = columns.flatMap(({ identity }) => (identity ? [identity.name] : []));
    add(`The sequence of ${table.name},`, [...serials, ...identities]);
  }
  return all;
}
