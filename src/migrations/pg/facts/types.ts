/**
 * Whether PostgreSQL writes a table anew when the type of a column changes from one to the other. A timestamp that gets
 * its zone is left as it is where the session's zone is UTC; that isn't counted on.
 */
export function rewritesType(from: string, to: string): boolean {
  const [old, next] = [parse(from), parse(to)];
  if (old.name === next.name) return !widens(old, next);
  if (old.name === 'varchar' && next.name === 'text') return false;
  if (old.name === 'text' && next.name === 'varchar') return next.sizes.length > 0;
  return !(old.name === 'cidr' && next.name === 'inet');
}

interface Type {
  readonly name: string;
  readonly sizes: readonly number[];
}

/** One spelling for each type: `character varying(20)` is varchar with the size 20. */
function parse(type: string): Type {
  const sizes = [...(/\(([\d\s,]+)\)/.exec(type)?.[1] ?? '').matchAll(/\d+/g)].map(([size]) => Number(size));
  const name = type
    .toLowerCase()
    .replace(/\([\d\s,]+\)/, '')
    .replaceAll('"', '')
    .replace(/^pg_catalog\./, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return { name: SPELLINGS[name] ?? name, sizes };
}

const SPELLINGS: Record<string, string> = {
  'character varying': 'varchar',
  character: 'char',
  decimal: 'numeric',
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'boolean',
  float8: 'double precision',
  float4: 'real',
  timestamptz: 'timestamp with time zone',
  'timestamp without time zone': 'timestamp',
};

/** Types whose limit can be raised without a look at the rows. */
const LIMITED = ['varchar', 'varbit', 'timestamp', 'timestamp with time zone', 'time', 'interval'];
/** What a type without a size in brackets has. */
const PRECISION = 6;

function widens(old: Type, next: Type): boolean {
  if (old.name === 'numeric') {
    if (next.sizes.length === 0) return true;
    const [[oldSize, oldScale = 0], [size, scale = 0]] = [old.sizes, next.sizes];
    return oldSize !== undefined && size! >= oldSize && scale === oldScale;
  }
  if (old.sizes.join() === next.sizes.join()) return true;
  if (!LIMITED.includes(old.name)) return false;
  const most = old.name.startsWith('var') ? Number.POSITIVE_INFINITY : PRECISION;
  return (next.sizes[0] ?? most) >= (old.sizes[0] ?? most);
}

/** Functions that give the same value for a whole statement, so that old rows can share one. */
const STABLE = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_setting',
  'to_timestamp',
  'timezone',
  'lower',
  'upper',
  'array',
  'interval',
  'varchar',
  'numeric',
  'timestamp',
  'char',
  'jsonb_build_object',
  'json_build_object',
]);

/** Whether a default must be worked out row by row. A function that isn't known is taken for one that must. */
export function isVolatile(value: string): boolean {
  const withoutStrings = value.replaceAll(/'(?:[^']|'')*'/g, '');
  const functions = [...withoutStrings.matchAll(/([a-z_]\w*)\s*\(/gi)].map(([, name]) => name!.toLowerCase());
  return functions.some((name) => !STABLE.has(name));
}
