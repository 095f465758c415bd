import { type Draft, known, type Scene, type TableLock } from '../../facts/facts.ts';
import { allRows } from '../../facts/hazards.ts';
import { referrersOf } from '../../facts/known-schema.ts';
import type { Reader } from '../../facts/reader.ts';

export function updateRows(reader: Reader, scene: Scene): Draft {
  reader.take('only');
  const table = reader.name();
  const filtered = reader.has('where');
  const set = new Set(assigned(reader));
  const keys = [...(known(scene, table)?.foreignKeys.values() ?? [])].filter(({ columns }) =>
    columns.some((column) => set.has(column)),
  );
  return {
    kind: 'update',
    target: table,
    locks: [
      { lock: 'ROW EXCLUSIVE', table },
      ...keys.map((key): TableLock => ({ lock: 'ROW SHARE', table: key.table })),
      ...sources(reader, scene),
    ],
    work: [{ kind: 'rows', table }],
    hazards: filtered ? [] : [allRows(table, 'written')],
  };
}

export function insertRows(reader: Reader, scene: Scene): Draft {
  const table = reader.name();
  const keys = [...(known(scene, table)?.foreignKeys.values() ?? [])];
  const from = sources(reader, scene);
  const work = from.filter((source) => source.table !== table).map((source) => source.table);
  return {
    kind: 'insert',
    target: table,
    locks: [
      { lock: 'ROW EXCLUSIVE', table },
      ...keys.map((key): TableLock => ({ lock: 'ROW SHARE', table: key.table })),
      ...from,
    ],
    tables: [table],
    work: work.map((source) => ({ kind: 'rows', table: source })),
  };
}

/** What other tables do about it is done by their foreign keys. */
export function deleteRows(reader: Reader, scene: Scene): Draft {
  reader.take('only');
  const table = reader.name();
  const filtered = reader.has('where');
  const referrers = scene.schema ? referrersOf(scene.schema, scene.renamed.get(table) ?? table) : [];
  return {
    kind: 'delete',
    target: table,
    locks: [
      { lock: 'ROW EXCLUSIVE', table },
      ...referrers.map((other): TableLock => {
        const follows = ['cascade', 'set null', 'set default'].includes(other.onDelete);
        return { lock: follows ? 'ROW EXCLUSIVE' : 'ROW SHARE', table: other.table };
      }),
      ...sources(reader, scene),
    ],
    work: [{ kind: 'rows', table }],
    loses: [filtered ? `rows of ${table}` : `all rows of ${table}`],
    hazards: filtered ? [] : [allRows(table, 'deleted')],
  };
}

/** The highest value that a column has is looked up for its sequence. */
export function setSequence(reader: Reader, scene: Scene): Draft {
  const locks = sources(reader, scene);
  return { kind: 'set sequence', locks, work: locks.map(({ table }) => ({ kind: 'scan', table })) };
}

export function truncate(reader: Reader): Draft {
  reader.take('table');
  const table = reader.name();
  return {
    kind: 'truncate',
    target: table,
    locks: [{ lock: 'ACCESS EXCLUSIVE', table }],
    loses: [`all rows of ${table}`],
    hazards: [allRows(table, 'deleted')],
  };
}

/** The columns that an UPDATE sets. */
function assigned({ tokens }: Reader): string[] {
  const end = tokens.findIndex(
    ({ kind, value }) => kind === 'word' && (value === 'where' || value === 'from'),
  );
  return tokens.slice(0, end < 0 ? undefined : end).flatMap(({ value }, index, all) => {
    const before = all[index - 1];
    return all[index + 1]?.value === '=' && before ? [value] : [];
  });
}

/** Tables of the schema that the statement reads. */
function sources({ tokens }: Reader, scene: Scene): TableLock[] {
  return tokens.flatMap(({ kind, value }, index) => {
    const before = tokens[index - 1]?.value ?? '';
    const isSource = kind !== 'string' && ['from', 'join', 'using'].includes(before) && known(scene, value);
    return isSource ? [{ lock: 'ACCESS SHARE' as const, table: value }] : [];
  });
}
