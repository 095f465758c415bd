/**
 * Compile-time proof that both schemas are the same tables with the same columns, so that a query written against
 * PostgreSQL's types runs on SQLite's tables. When they part, the last line fails to compile and says where. What
 * types don't hold (keys, foreign keys, checks, indexes, values of defaults) `test/parity` compares on live databases.
 */

import type { Column, Table } from 'drizzle-orm';
import type * as pgTables from './pg/index.ts';
import type * as sqliteTables from './sqlite/index.ts';

type Fact = 'data' | 'hasDefault' | 'name' | 'notNull' | 'tableName';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type ColumnsOf<T> = T extends Table ? T['_']['columns'] : never;

type ColumnProblem<Place extends string, A, B> = A extends Column
  ? B extends Column
    ? {
        [F in Fact]: Same<A['_'][F], B['_'][F]> extends true ? never : `${Place} differs in ${F}`;
      }[Fact]
    : never
  : never;

type TableProblem<Name extends string, A, B> =
  | `${Name}.${Exclude<keyof A, keyof B> & string} is missing in SQLite`
  | `${Name}.${Exclude<keyof B, keyof A> & string} is missing in PostgreSQL`
  | { [C in keyof A & keyof B & string]: ColumnProblem<`${Name}.${C}`, A[C], B[C]> }[keyof A &
      keyof B &
      string];

type SchemaProblem<A, B> =
  | `${Exclude<keyof A, keyof B> & string} is missing in SQLite`
  | `${Exclude<keyof B, keyof A> & string} is missing in PostgreSQL`
  | {
      [T in keyof A & keyof B & string]: `${TableProblem<T, ColumnsOf<A[T]>, ColumnsOf<B[T]>>}`;
    }[keyof A & keyof B & string];

/** `in parity`, or what differs, a sentence each. The templates around types make the compiler print sentences instead of names of types. */
export type Parity<A, B> = [SchemaProblem<A, B>] extends [never] ? 'in parity' : `${SchemaProblem<A, B>}`;

export const parity: Parity<typeof pgTables, typeof sqliteTables> = 'in parity';
