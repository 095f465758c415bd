import { createHash } from 'node:crypto';
import { isBookKeeping } from '../../src/migrations/catalog/book-keeping.ts';
import type { Catalog, CatalogColumn } from '../../src/migrations/catalog/catalog.ts';
import type { Canonical, CanonicalRow, ValueKind } from '../../src/migrations/values.ts';

export type Rows = Record<string, CanonicalRow[]>;
export type KindOf = (table: string, column: CatalogColumn) => ValueKind;

/** Plain, with a NULL wherever one may be, odd, and at the ends of what fits. */
const ROWS = 4;
const NULLS = 1;

/**
 * Rows for every table of a catalog, the same each time: valid for its keys, types, enumerations and lengths. They refer
 * to each other, though not in any order of tables, since those refer in circles.
 */
export function seedRows(catalog: Catalog, kindOf: KindOf): Rows {
  const names = Object.keys(catalog.tables).filter((name) => !isBookKeeping(name));
  const rows = names.map((table) => {
    const columns = catalog.tables[table]!.columns.filter(
      (column) => column.generated === null && column.identity !== 'always',
    );
    const list = Array.from({ length: ROWS }, (_none, row) =>
      Object.fromEntries(
        columns.map((column) => [column.name, seedValue(catalog, kindOf, { table, column, row })] as const),
      ),
    );
    return [table, list] as const;
  });
  return Object.fromEntries(rows);
}

interface Place {
  readonly table: string;
  readonly column: CatalogColumn;
  readonly row: number;
}

function seedValue(catalog: Catalog, kindOf: KindOf, { table, column, row }: Place): Canonical {
  if (column.nullable && row === NULLS) return null;
  const { foreignKeys } = catalog.tables[table]!;
  const at = foreignKeys.findIndex((key) => key.columns.includes(column.name));
  const key = foreignKeys[at];
  if (key) {
    const name = key.refColumns[key.columns.indexOf(column.name)] ?? 'id';
    const target = catalog.tables[key.refTable]!.columns.find((one) => one.name === name)!;
    // Each key its own row, so that two of one row don't refer to the same.
    return seedValue(catalog, kindOf, { table: key.refTable, column: target, row: (row + at) % ROWS });
  }
  const values = catalog.enums.find(({ name }) => name === column.type)?.values;
  if (values) return values[row % values.length]!;
  return plainValue(kindOf(table, column), { table, column, row });
}

const TEXTS = ['', 'nobody sees it', `it's "odd" \\ % _ ; -- é 漢 🦊\n\t`, ' 007 '];
const JSONS = [
  '{"a": 1.0, "b": [12345678901234567890, null]}',
  '[]',
  '{"": "\\u2028 \\" é 漢 🦊", "null": null}',
  '"1e5"',
];
const MOMENTS = [
  '2026-11-22T01:02:03.000004Z',
  '1970-01-01T00:00:00.000000Z',
  '0001-01-01T00:00:00.000001Z',
  '9999-12-31T23:59:59.999999Z',
];

function plainValue(kind: ValueKind, { table, column, row }: Place): Canonical {
  const digest = createHash('md5').update(`${table}.${column.name}.${row}`).digest('hex');
  const length = Number(/\((\d+)\)/.exec(column.type)?.[1] ?? 200);
  switch (kind) {
    case 'text':
      return `${row}${TEXTS[row]}${column.name}`.slice(0, length);
    case 'uuid':
      return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
    case 'timestamp':
      return MOMENTS[row]!;
    case 'interval':
      return [0, 5.25, 86_399.999_999, 1_000_000.5][row]!;
    case 'json':
      return JSONS[row]!;
    case 'boolean':
      return row % 2 === 0;
    case 'integer':
      return [1, 2, 12_345, /small/i.test(column.type) ? 32_767 : 2_147_483_647][row]!;
    case 'bigint':
      return [1, 2, 4_294_967_296, '9223372036854775807'][row]!;
    case 'double':
      return [0.1, 2.5, -1e300, 5e-300][row]!;
    case 'numeric':
      return ['1.5', '2.25', '-3.125', '12345.0625'][row]!;
    case 'bytes':
      return Buffer.from(digest, 'hex');
  }
}
