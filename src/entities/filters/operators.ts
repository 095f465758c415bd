import {
  type AnyColumn,
  Column,
  eq,
  gte,
  is,
  isNotNull,
  isNull,
  lte,
  not,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm';
import type { Dialect } from '../../db/dialect.ts';
import type { Timestamp } from '../../time/timestamp.ts';

/** Turns the value of one operator into a condition; undefined when it asks for nothing. */
export type Operator<Value> = (value: Value, dialect: Dialect) => SQL | undefined;

/**
 * A list of one is an equality: behind it SQLite reads further columns of an index in order, which it doesn't behind
 * a list.
 */
export const any = (column: AnyColumn | SQL): Operator<string[]> => {
  return (values, dialect) =>
    values.length === 1 ? sql`${column} = ${bound(column, values[0]!)}` : dialect.isIn(column, values);
};

function bound(column: AnyColumn | SQL, value: string): SQL {
  return is(column, Column) ? sql`${sql.param(value, column)}` : sql`${value}`;
}

/** As `any`, of a column in which one value is by far the most frequent. */
export const anyMostly = (common: string, column: AnyColumn): Operator<string[]> => {
  return (values, dialect) =>
    values.includes(common)
      ? dialect.isIn(dialect.unselective(column), values)
      : any(column)(values, dialect);
};

/** An empty list excludes nothing. A null isn't in any list, but not out of it either. */
export const notAny = (column: SQLWrapper): Operator<string[]> => {
  return (values, dialect) => (values.length === 0 ? undefined : not(dialect.isIn(column, values)));
};

/** `%` and `_` in the text are wildcards, as in Prefect. */
export const like = (column: SQLWrapper): Operator<string> => {
  return (text, dialect) => (text === '' ? undefined : dialect.ilike(column, `%${text}%`));
};

export const startsWithAny = (column: SQLWrapper): Operator<string[]> => {
  return (texts, dialect) => {
    const conditions = texts.map((text) => dialect.ilike(column, `${text}%`));
    return conditions.length === 0 ? undefined : sql`(${sql.join(conditions, sql` or `)})`;
  };
};

export const isEqual = (column: AnyColumn): Operator<boolean> => {
  return (value) => eq(column, value);
};

export const isNullOrNot = (column: AnyColumn): Operator<boolean> => {
  return (wanted) => (wanted ? isNull(column) : isNotNull(column));
};

export const existsOrNot = (column: AnyColumn): Operator<boolean> => {
  return (wanted) => (wanted ? isNotNull(column) : isNull(column));
};

export const atLeast = <Value>(column: AnyColumn): Operator<Value> => {
  return (value) => gte(column, value);
};

export const atMost = <Value>(column: AnyColumn): Operator<Value> => {
  return (value) => lte(column, value);
};

/** For a list of tags or capabilities; an empty list asks for nothing. */
export const hasAll = (column: SQLWrapper): Operator<string[]> => {
  return (values, dialect) => (values.length === 0 ? undefined : dialect.jsonHasAll(column, values));
};

export const hasAny = (column: SQLWrapper): Operator<string[]> => {
  return (values, dialect) => dialect.jsonHasAny(column, values);
};

export const isEmptyListOrNot = (column: SQLWrapper): Operator<boolean> => {
  return (wanted, dialect) => {
    const empty = dialect.jsonIsEmptyArray(column);
    return wanted ? empty : not(empty);
  };
};

/** `before_` and `after_` of a timestamp; both include the moment itself. */
export const period = (column: AnyColumn) => ({
  before_: atMost<Timestamp>(column),
  after_: atLeast<Timestamp>(column),
});
