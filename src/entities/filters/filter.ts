import { and, or, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import type { Dialect } from '../../db/dialect.ts';
import type { Operator } from './operators.ts';

export type Combine = 'and_' | 'or_';

/** An operator, or a group of them under one name; a group's own `operator` says how they combine. */
export type Group = { readonly [name: string]: Group | Operator<never> };

type InputOfGroup<G> = { operator?: Combine | null } & {
  [Name in keyof G]?: (G[Name] extends Operator<infer Value> ? Value : InputOfGroup<G[Name]>) | null;
};

/** A compiled filter of one entity: the condition for its table, undefined when it filters nothing. */
export type Filter<Input> = (db: Database, input: Input | null | undefined) => SQL | undefined;

export type FilterInput<F> = F extends Filter<infer Input> ? Input : never;

/** A filter from a table of its fields and their operators. The shape of its input follows from the table. */
export function defineFilter<G extends Group>(fields: (tables: Tables) => G): Filter<InputOfGroup<G>> {
  const built = new WeakMap<Tables, G>();
  return (db, input) => {
    if (!input) return undefined;
    let table = built.get(db.tables);
    if (!table) {
      table = fields(db.tables);
      built.set(db.tables, table);
    }
    return compile(table, input, db.dialect, true);
  };
}

const TRUE = sql`true`;

/** A field that is there but asks for nothing is true, which decides an `or_`; one inside a field is passed over. As in Prefect. */
function compile(group: Group, input: object, dialect: Dialect, isWhole: boolean): SQL | undefined {
  const conditions: SQL[] = [];
  let operator: Combine = 'and_';
  for (const [name, value] of Object.entries(input)) {
    if (value === null || value === undefined) continue;
    if (name === 'operator') {
      operator = value;
      continue;
    }
    const node = group[name];
    if (node === undefined) throw new TypeError(`A filter has no field ${name}.`);
    if (typeof node === 'function') push(conditions, node(value as never, dialect));
    else push(conditions, compile(node, value, dialect, false) ?? (isWhole ? TRUE : undefined));
  }
  return operator === 'or_'
    ? or(...conditions)
    : and(...conditions.filter((condition) => condition !== TRUE));
}

function push(conditions: SQL[], condition: SQL | undefined): void {
  if (condition) conditions.push(condition);
}
