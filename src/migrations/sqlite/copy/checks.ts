import { parseTimestamp } from '../../../time/timestamp.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { hasBadEscape } from '../../copy/characters.ts';
import type { CopyTable } from '../../copy/tables.ts';
import { literal, quote } from '../../quotes.ts';
import type { ValueKind } from '../../values.ts';

/** What a column's values may have wrong. SQLite itself looks for it, since reading all rows here would take minutes. */
export interface Check {
  readonly column: string;
  readonly what: string;
  /** True for every value that has it, and maybe for others. */
  readonly sql: string;
  /** Tells them from the others. */
  readonly confirm?: (text: string) => boolean;
  readonly replaceable?: boolean;
}

type Checks = Omit<Check, 'column'>[];

/** Checks for what PostgreSQL refuses, or would keep as something else. */
export function checksForPg({ columns, target }: CopyTable, { enums }: Catalog): Check[] {
  return columns.flatMap((column) => {
    const { type, codec } = target.get(column)!;
    const values = enums.find(({ name }) => name === type)?.values;
    const checks = values
      ? enumChecks(quote(column), type, values)
      : [...(CHECKS[codec.kind]?.(quote(column)) ?? []), ...typeChecks(quote(column), type)];
    return checks.map((check) => ({ column, ...check }));
  });
}

/** Checks for what we would read as something else: SQLite keeps anything anywhere. */
export function checksForSqlite({ columns, source }: CopyTable): Check[] {
  return columns.flatMap((column) => {
    const { kind } = source.get(column)!.codec;
    const checks = READ_OTHERWISE.has(kind) ? (CHECKS[kind]?.(quote(column)) ?? []) : [];
    return checks.map((check) => ({ column, ...check }));
  });
}

const READ_OTHERWISE = new Set<ValueKind>(['uuid', 'timestamp', 'interval', 'boolean']);

const HEX = '[0-9a-f]';
const UUID = [8, 4, 4, 4, 12].map((length) => HEX.repeat(length)).join('-');
const DAY = '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]';
const MOMENT = `${DAY} [0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]`;

const isNoMoment = (text: string): boolean => parseTimestamp(text) === null;
const odd = (c: string): string =>
  `(${c} not glob '${MOMENT}' or (substr(${c}, 9, 2) > '28' and date(${c}) is not substr(${c}, 1, 10)))`;
const nul = (c: string): Checks[number] => ({
  what: 'has a NUL character',
  sql: `instr(${c}, char(0)) > 0`,
  replaceable: true,
});

const CHECKS: Partial<Record<ValueKind, (column: string) => Checks>> = {
  text: (c) => [nul(c), { what: 'is no text', sql: `typeof(${c}) = 'blob'` }],
  uuid: (c) => [{ what: 'is no uuid in lower case', sql: `${c} not glob '${UUID}'` }],
  timestamp: (c) => [
    { what: 'is no moment', sql: `typeof(${c}) = 'text' and ${odd(c)}`, confirm: isNoMoment },
    { what: 'is no moment', sql: `typeof(${c}) not in ('text', 'null')` },
  ],
  interval: (c) => [
    { what: 'is no duration', sql: `typeof(${c}) = 'text' and ${odd(c)}`, confirm: isNoMoment },
  ],
  boolean: (c) => [
    { what: 'is neither true nor false', sql: `typeof(${c}) <> 'null' and ${c} is not 0 and ${c} is not 1` },
  ],
  integer: (c) => [{ what: 'is no integer', sql: `typeof(${c}) not in ('integer', 'null')` }],
  bigint: (c) => [{ what: 'is no integer', sql: `typeof(${c}) not in ('integer', 'null')` }],
  double: (c) => [{ what: 'is no number', sql: `typeof(${c}) not in ('integer', 'real', 'null')` }],
  json: (c) => [{ what: 'is no JSON', sql: `json_valid(cast(${c} as text)) = 0` }],
};

function typeChecks(c: string, type: string): Checks {
  const [, length] = /^character(?: varying)?\((\d+)\)$/.exec(type) ?? [];
  if (length) return [{ what: `is longer than ${length} characters`, sql: `length(${c}) > ${length}` }];
  if (type === 'integer') return [range(c, 2 ** 31)];
  if (type === 'smallint') return [range(c, 2 ** 15)];
  if (type !== 'jsonb') return [];
  const text = `cast(${c} as text)`;
  return [
    {
      what: "has an escape that stands for no character of PostgreSQL's",
      sql: `(instr(${text}, '\\u0000') > 0 or ${text} like '%\\ud%')`,
      confirm: hasBadEscape,
      replaceable: true,
    },
    {
      what: 'has a number that PostgreSQL can not hold',
      sql: `${text} glob '*[0-9][eE]*[0-9][0-9][0-9][0-9][0-9]*'`,
      confirm: (json) => json.replace(/"(?:[^"\\]|\\.)*"/g, '').search(/\d[eE][-+]?0*[1-9]\d{4}/) >= 0,
    },
  ];
}

const range = (c: string, limit: number): Checks[number] => ({
  what: 'is out of range',
  sql: `${c} not between ${-limit} and ${limit - 1}`,
});

function enumChecks(c: string, type: string, values: readonly string[]): Checks {
  const list = values.map(literal).join(', ');
  return [{ what: `is none of the values of ${type}`, sql: `${c} not in (${list})` }];
}
