import { quote } from '../../quotes.ts';
import { typeName } from './ddl.ts';
import type { PgColumn } from './snapshot.ts';

const TEXTS = ['text', 'varchar', 'character varying', 'char', 'character', 'bpchar'];
const NUMBERS = ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision'];
const JSONS = ['json', 'jsonb'];
const ZONED = 'timestamp with time zone';
const ZONELESS = ['timestamp', 'date', 'time'];

/**
 * How the values of a column become those of its new type, as the end of an ALTER COLUMN ... TYPE. Where PostgreSQL has
 * no cast, they go through their text. None where the assignment that PostgreSQL makes by itself is right: a cast would
 * cut what is too long for its new type, where the assignment refuses.
 */
export function using(old: PgColumn, column: PgColumn): string {
  const expression = conversion(old, column);
  return expression === null ? '' : ` USING ${expression}`;
}

function conversion(old: PgColumn, column: PgColumn): string | null {
  const [from, to] = [baseType(old), baseType(column)];
  const [value, type] = [quote(column.name), typeName(column)];
  const both = (types: string[]) => types.includes(from) && types.includes(to);
  const isOwnType = (one: PgColumn) => one.typeSchema !== undefined || one.type.endsWith(']');
  if (isOwnType(old) || isOwnType(column)) {
    return TEXTS.includes(to) ? `${value}::text` : `${value}::text::${type}`;
  }
  if (from === to || both(TEXTS)) return null;
  if (both(NUMBERS) || both(JSONS) || (from === 'boolean' && to === 'integer')) return `${value}::${type}`;
  return (
    ofTime(from, to, value, type) ??
    ofText(from, to, value, type) ??
    ofNumber(from, to, value, type) ??
    `${value}::text::${type}`
  );
}

/** Without its length, precision or scale. */
function baseType(column: PgColumn): string {
  return typeName(column)
    .toLowerCase()
    .replace(/ ?\([^)]*\)/, '')
    .replace(/ without time zone$/, '');
}

/** Time without a zone is UTC, whatever the session's zone is. */
function ofTime(from: string, to: string, value: string, type: string): string | null {
  const utc = "AT TIME ZONE 'UTC'";
  if (from === ZONED && to === 'timestamp') return `${value} ${utc}`;
  if (from === ZONED && ZONELESS.includes(to)) return `(${value} ${utc})::${type}`;
  if (from === 'timestamp' && to === ZONED) return `${value} ${utc}`;
  if (from === 'date' && to === ZONED) return `${value}::timestamp ${utc}`;
  return from === 'timestamp' && ZONELESS.includes(to) ? `${value}::${type}` : null;
}

function ofText(from: string, to: string, value: string, type: string): string | null {
  if (from === 'bytea' && TEXTS.includes(to)) return `convert_from(${value}, 'UTF8')`;
  if (to === 'bytea' && TEXTS.includes(from)) return `convert_to(${value}, 'UTF8')`;
  if (TEXTS.includes(to)) return `${value}::text`;
  return TEXTS.includes(from) ? `${value}::${type}` : null;
}

function ofNumber(from: string, to: string, value: string, type: string): string | null {
  if (from === 'boolean' && NUMBERS.includes(to)) return `${value}::integer::${type}`;
  if (to === 'boolean' && NUMBERS.includes(from)) return `${value} <> 0`;
  if (from === 'interval' && NUMBERS.includes(to)) return `extract(epoch from ${value})::${type}`;
  return to === 'interval' && NUMBERS.includes(from) ? `make_interval(secs => ${value})` : null;
}
