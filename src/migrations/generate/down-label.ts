import type { ChainName, DownLabel } from '../chain/revisions.ts';
import type { Rename, Snapshot } from './dialect.ts';
import {
  type DetailedColumn,
  type DetailedTable,
  enumsOf,
  isOfEnum,
  tablesOf,
  usesEnum,
} from './snapshots.ts';

export interface LabelInput {
  readonly chain: ChainName;
  /** With the renames behind it; those lose nothing, but what is gone is named as it was. */
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly renames?: readonly Rename[];
}

/**
 * What going up and down again costs, for the header of down.sql: what has come since the revision (its tables and
 * columns) goes with them, and what the revision itself had dropped isn't there to come back.
 */
export function downLabel(input: LabelInput): string {
  const { lost, impossible } = lossOf(input);
  if (impossible.length > 0) return label('irreversible', `no values for ${impossible.join(', ')}`);
  return lost.length === 0 ? label('lossless') : label('lossy', lost.join(', '));
}

export function label(word: DownLabel, what?: string): string {
  return what ? `${word} (${what})` : word;
}

interface Loss {
  /** Tables, and `table.column`. */
  readonly lost: string[];
  /** Columns that the old schema must have values of, and nothing has. */
  readonly impossible: string[];
}

function lossOf({ chain, before, after, renames = [] }: LabelInput): Loss {
  const [old, now] = [tablesOf(before), tablesOf(after)];
  const emptied = (one: Map<string, DetailedTable>, other: Map<string, DetailedTable>) =>
    one.size > 0 && other.size === 0 ? ['all tables'] : [...one.keys()].filter((name) => !other.has(name));
  const kept = [...now.values()].flatMap((table) => {
    const was = old.get(table.name);
    return was ? [[was, table] as const] : [];
  });
  const gone = kept.flatMap(([was, table]) => missing(was, table));
  const impossible = gone
    .filter((one) => one.column.notNull && one.column.default === undefined && !one.column.identity)
    .map((one) => oldName(one.table, one.column.name, renames));
  const lost = [
    ...emptied(now, old),
    ...emptied(old, now),
    ...kept.flatMap(([was, table]) =>
      missing(table, was).map(({ column }) => `${table.name}.${column.name}`),
    ),
    ...gone.map((one) => oldName(one.table, one.column.name, renames)),
    ...kept.flatMap(([was, table]) => changed(chain, was, table)),
    ...withoutValues(before, after),
  ];
  return { lost: [...new Set(lost)], impossible };
}

function oldName(table: string, column: string, renames: readonly Rename[]): string {
  const was = renames.find((one) => one.kind === 'table' && one.to === table)?.from ?? table;
  return `${was}.${column}`;
}

/** Columns with values of their own that the one has and the other doesn't. */
function missing(one: DetailedTable, other: DetailedTable): { table: string; column: DetailedColumn }[] {
  return Object.values(one.columns)
    .filter((column) => !other.columns[column.name] && !column.generated)
    .map((column) => ({ table: one.name, column }));
}

/** Columns whose values may not come back as they were: of another type, or empty ones that got the default. */
function changed(chain: ChainName, old: DetailedTable, table: DetailedTable): string[] {
  return Object.values(table.columns)
    .filter((column) => {
      const was = old.columns[column.name];
      if (!was || column.generated || was.generated) return false;
      const strict = column.notNull ? column : was;
      const filled = column.notNull !== was.notNull && strict.default !== undefined;
      return filled || !keepsValues(chain, was.type, column.type);
    })
    .map((column) => `${table.name}.${column.name}`);
}

const INTEGERS = /^(tinyint|smallint|integer|int|bigint|smallserial|serial|bigserial)$/i;
const TEXTS = {
  sqlite: /^(text|varchar)(\(\d+\))?$/i,
  // A text that is too long for its new type fails; one that is padded, as by char(n), doesn't come back.
  pg: /^(text|varchar|character varying)( ?\(\d+\))?$/i,
} as const;

/** Whether each value either comes back as it was or is refused on its way, so that none is lost unseen. */
function keepsValues(chain: ChainName, one: string, other: string): boolean {
  return one === other || [INTEGERS, TEXTS[chain]].some((family) => family.test(one) && family.test(other));
}

/** Columns of enumerations that have other values before than after. */
function withoutValues(before: Snapshot, after: Snapshot): string[] {
  const [old, now] = [enumsOf(before), enumsOf(after)];
  const differing = [...now.values()].filter((one) => {
    const was = old.get(one.name);
    return was && was.values.toSorted().join('\n') !== one.values.toSorted().join('\n');
  });
  return differing.flatMap(({ name }) =>
    [...tablesOf(after).values()]
      .filter((table) => usesEnum(table, name) && tablesOf(before).has(table.name))
      .flatMap((table) =>
        Object.values(table.columns)
          .filter((column) => isOfEnum(column, name))
          .map((column) => `${table.name}.${column.name}`),
      ),
  );
}
