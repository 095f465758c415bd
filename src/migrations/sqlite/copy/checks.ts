import { parseTimestamp } from '../../../time/timestamp.ts';
import type { CatalogEnum } from '../../catalog/catalog.ts';
import { hasBadEscape, hasHugeNumber } from '../../copy/characters.ts';
import { literal, quote } from '../../quotes.ts';
import type { ValueKind } from '../../values.ts';
import { lengthCheck, rangeCheck } from './limits.ts';

/** What a column's values may have wrong. SQLite itself looks for it, since reading all rows here would take minutes. */
export interface Check {
  readonly column: string;
  readonly what: string;
  /** True for every value that has it, and maybe for others. */
  readonly sql: string;
  /** Tells them from the others. */
  readonly confirm?: (text: string) => boolean;
  readonly replaceable?: boolean;
  /** SQLite and a server on it are content with such values, PostgreSQL isn't. */
  readonly onlyPg?: boolean;
  /** It is about single characters, and `has_odd_text` is true for it, too. */
  readonly isText?: boolean;
}

type Checks = Omit<Check, 'column'>[];

/** A column as the chain on PostgreSQL has it. */
export interface CheckedColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: ValueKind;
}

/** Checks for what PostgreSQL refuses, or would keep as something else, and for what a server here reads as something else. */
export function checksForPg(columns: readonly CheckedColumn[], enums: readonly CatalogEnum[]): Check[] {
  return columns.flatMap(({ name: column, type, kind }) => {
    const values = enums.find(({ name }) => name === type)?.values;
    const checks = values
      ? enumChecks(quote(column), type, values)
      : [...(CHECKS[kind]?.(quote(column)) ?? []), ...typeChecks(quote(column), type)];
    return checks.map((check) => ({ column, ...check }));
  });
}

/** Checks for what we would read as something else: SQLite keeps anything anywhere. */
export function checksForSqlite(columns: readonly Pick<CheckedColumn, 'name' | 'kind'>[]): Check[] {
  return columns.flatMap(({ name: column, kind }) => {
    const checks = kind === 'json' ? [notUtf8(quote(column))] : (CHECKS[kind]?.(quote(column)) ?? []);
    return checks.filter(({ onlyPg }) => !onlyPg).map((check) => ({ column, ...check }));
  });
}

const HEX = '[0-9a-f]';
const UUID = [8, 4, 4, 4, 12].map((length) => HEX.repeat(length)).join('-');
const DAY = '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]';
const MOMENT = `${DAY} [0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]`;

const hasNul = (c: string): string => `instr(${c}, char(0)) > 0`;
const isNot = (c: string, ...types: string[]): string =>
  `typeof(${c}) not in (${[...types, 'null'].map(literal).join(', ')})`;

const isNoMoment = (text: string): boolean => parseTimestamp(text) === null;
/** A pattern sees a text up to the first NUL only. */
const odd = (c: string): string =>
  `typeof(${c}) = 'text' and (${c} not glob '${MOMENT}' or substr(${c}, 1, 4) = '0000' or substr(${c}, 6, 2) = '00' or substr(${c}, 6, 2) > '12'
    or substr(${c}, 9, 2) = '00' or substr(${c}, 12, 2) > '23' or ${hasNul(c)} or (substr(${c}, 9, 2) > '28' and date(${c}) is not substr(${c}, 1, 10)))`;

const notUtf8 = (c: string): Checks[number] => ({
  what: 'has bytes that are no UTF-8',
  sql: `is_utf8(cast(${c} as blob)) = 0`,
  replaceable: true,
  isText: true,
});
const nul = (c: string): Checks[number] => ({
  what: 'has a NUL character',
  sql: hasNul(c),
  replaceable: true,
  onlyPg: true,
  isText: true,
});

const CHECKS: Partial<Record<ValueKind, (column: string) => Checks>> = {
  text: (c) => [notUtf8(c), nul(c), { what: 'is no text', sql: isNot(c, 'text', 'integer', 'real') }],
  uuid: (c) => [
    {
      what: 'is no uuid in lower case',
      sql: `${isNot(c, 'text')} or ${c} not glob '${UUID}' or ${hasNul(c)}`,
    },
  ],
  timestamp: (c) => [
    { what: 'is no moment', sql: odd(c), confirm: isNoMoment },
    { what: 'is no moment', sql: isNot(c, 'text') },
  ],
  interval: (c) => [
    { what: 'is no duration', sql: odd(c), confirm: isNoMoment },
    // A number is of seconds, as the default of the column is.
    { what: 'is no duration', sql: isNot(c, 'text', 'integer', 'real') },
    // In microseconds no number holds it to the last digit.
    {
      what: 'is longer than 285 years',
      sql: `case typeof(${c}) when 'text' then ${c} glob '[0-9]*' and substr(${c}, 1, 4) not between '1685' and '2254' else ${c} not between -9e9 and 9e9 end`,
    },
  ],
  boolean: (c) => [
    { what: 'is neither true nor false', sql: `typeof(${c}) <> 'null' and ${c} is not 0 and ${c} is not 1` },
  ],
  integer: (c) => [{ what: 'is no integer', sql: isNot(c, 'integer') }],
  bigint: (c) => [{ what: 'is no integer', sql: isNot(c, 'integer') }],
  double: (c) => [
    { what: 'is no finite number', sql: `${isNot(c, 'integer', 'real')} or ${c} in (9e999, -9e999)` },
  ],
  json: (c) => [
    notUtf8(c),
    { ...nul(c), replaceable: false },
    {
      what: 'is no JSON',
      sql: `json_valid(cast(${c} as text)) = 0`,
      // It doesn't follow deep ones.
      confirm: (text) => !isJson(text),
    },
  ],
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function typeChecks(c: string, type: string): Checks {
  const [, length] = /^(?:character(?: varying)?|varchar|char)\((\d+)\)$/.exec(type) ?? [];
  if (length) return [lengthCheck(c, Number(length))];
  if (type === 'integer') return [rangeCheck(c, 2 ** 31)];
  if (type === 'smallint') return [rangeCheck(c, 2 ** 15)];
  if (type !== 'jsonb') return [];
  const text = `cast(${c} as text)`;
  return [
    {
      what: "has an escape that stands for no character of PostgreSQL's",
      sql: `(instr(${text}, '\\u0000') > 0 or ${text} like '%\\ud%')`,
      confirm: hasBadEscape,
      replaceable: true,
      onlyPg: true,
    },
    {
      what: 'has a number that PostgreSQL can not hold',
      sql: `${text} glob '*[0-9][eE]*[0-9][0-9][0-9][0-9][0-9]*'`,
      confirm: hasHugeNumber,
      onlyPg: true,
    },
    { what: 'is longer than 255 MB', sql: `octet_length(${c}) > 267386880`, onlyPg: true },
  ];
}

function enumChecks(c: string, type: string, values: readonly string[]): Checks {
  const list = values.map(literal).join(', ');
  return [{ what: `is none of the values of ${type}`, sql: `${c} not in (${list})` }];
}
