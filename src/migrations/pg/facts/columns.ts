import { type Draft, type Hazard, known, type Lock, type Scene, type Work } from '../../facts/facts.ts';
import { droppedColumn } from '../../facts/hazards.ts';
import { isUniqueAlready, referrersOf } from '../../facts/known-schema.ts';
import { Reader } from '../../facts/reader.ts';
import { exclusive, saysNotNull } from './constraints.ts';
import { isVolatile, rewritesType } from './types.ts';

const STOPS_DEFAULT = [
  'not null',
  'null',
  'constraint',
  'check',
  'unique',
  'primary key',
  'references',
  'collate',
];

export function addColumn(reader: Reader, table: string, scene: Scene): Draft {
  const rerunnable = reader.take('if not exists');
  const column = reader.name();
  const [hazards, work]: [Hazard[], Work[]] = [[], []];
  const serial = /^(?:big|small)?serial/.test(reader.peek()?.value ?? '');
  const identity = reader.has('as identity');
  const stored = reader.has('stored');
  const value = defaultOf(reader);
  if (serial || identity || stored || (value !== null && isVolatile(value))) {
    work.push({ kind: 'rewrite', table });
    const advice =
      'nobody reads or writes it while every row is written anew; add it without the default first';
    hazards.push({ rule: 'rewrite', table, advice });
  }
  if (reader.has('not null') && value === null && !serial && !identity && !stored) {
    const advice = `fails if it has rows, which have no ${column}; give it a default`;
    hazards.push({ rule: 'no-value', table, advice });
  }
  const others: { lock: Lock; table: string }[] = [];
  if (reader.find('references')) {
    others.push({ lock: 'SHARE ROW EXCLUSIVE', table: reader.name() });
    if (value !== null) work.push({ kind: 'scan', table });
  } else if (reader.has('unique') || reader.has('primary key')) {
    work.push({ kind: 'index', table });
    hazards.push({ rule: 'index', table, advice: 'nobody reads or writes it while the index is built' });
  } else if (reader.has('check')) work.push({ kind: 'scan', table });
  scene.renamedColumns.set(`${table}.${column}`, '');
  return exclusive('add column', table, { locks: others, work, hazards, rerunnable });
}

function defaultOf(all: Reader): string | null {
  const reader = new Reader(all.rest());
  if (!reader.find('default')) return null;
  const words: string[] = [];
  while (!reader.done && !STOPS_DEFAULT.some((stop) => reader.is(stop))) {
    const { start, end } = reader.next()!;
    words.push(reader.sql.slice(start, end));
  }
  return words.join(' ');
}

/** A foreign key of the column goes with it, and with it the trigger on the other end. */
export function dropColumn(reader: Reader, table: string, scene: Scene): Draft {
  const rerunnable = reader.take('if exists');
  const column = reader.name();
  const cascade = reader.take('cascade');
  const name = oldName(scene, table, column);
  const others = name === null ? [] : foreignKeyEnds(scene, table, name, cascade);
  return exclusive('drop column', table, {
    locks: others.map((other) => ({ lock: 'ACCESS EXCLUSIVE', table: other })),
    rerunnable,
    loses: name === null ? [] : [`${table}.${column}`],
    hazards: name === null ? [] : [droppedColumn(table)],
  });
}

/** The tables at the other end of the column's foreign keys, in both directions if those of others count, too. */
function foreignKeyEnds(scene: Scene, table: string, column: string, incoming: boolean): string[] {
  const own = [...(known(scene, table)?.foreignKeys.values() ?? [])]
    .filter(({ columns }) => columns.includes(column))
    .map((key) => key.table);
  const name = scene.renamed.get(table) ?? table;
  return incoming && scene.schema
    ? [...own, ...referrersOf(scene.schema, name).map((other) => other.table)]
    : own;
}

/** The name that a column had before the revision; null for one that the revision added. */
export function oldName(scene: Scene, table: string, column: string): string | null {
  const renamed = scene.renamedColumns.get(`${table}.${column}`);
  return renamed === '' ? null : (renamed ?? column);
}

/** How the options of an identity begin. */
const IDENTITY = [
  'set generated',
  'set increment',
  'set minvalue',
  'set maxvalue',
  'set start',
  'set cache',
  'set cycle',
  'restart',
];

export function alterColumn(reader: Reader, table: string, scene: Scene): Draft {
  const column = reader.name();
  if (reader.take('set not null')) return setNotNull(table, column, scene);
  if (reader.take('drop not null')) return exclusive('drop not null', table, { rerunnable: true });
  if (reader.take('set default')) return exclusive('set default', table, { rerunnable: true });
  if (reader.take('drop default')) return exclusive('drop default', table, { rerunnable: true });
  if (reader.take('type') || reader.take('set data type')) return changeType(reader, table, column, scene);
  if (reader.take('add generated')) return exclusive('add identity', table);
  if (IDENTITY.some((words) => reader.take(words))) return exclusive('change identity', table);
  if (reader.take('drop identity')) return exclusive('drop identity', table);
  if (reader.take('drop expression')) return exclusive('drop expression', table);
  if (reader.take('set statistics'))
    return { kind: 'set statistics', locks: [{ lock: 'SHARE UPDATE EXCLUSIVE', table }], rerunnable: true };
  return { kind: 'unknown' };
}

function setNotNull(table: string, column: string, scene: Scene): Draft {
  const name = oldName(scene, table, column);
  const checks = name === null ? [] : [...(known(scene, table)?.checks.values() ?? [])];
  const checked = checks.some((check) => saysNotNull(check) === name);
  if (checked || [...scene.provenNotNull.values()].includes(`${table}.${column}`))
    return exclusive('set not null', table, { rerunnable: true });
  const advice =
    'nobody reads or writes it while all rows are looked at, and it fails if one has none; fill it, ' +
    `ADD CHECK ("${column}" IS NOT NULL) NOT VALID and VALIDATE first`;
  return exclusive('set not null', table, {
    work: [{ kind: 'scan', table }],
    hazards: [{ rule: 'not-null', table, advice }],
    rerunnable: true,
  });
}

function changeType(reader: Reader, table: string, column: string, scene: Scene): Draft {
  const text = reader.rest();
  const [, type = text, using] = /^([\s\S]*?)(?:\s+using\s+([\s\S]+))?$/i.exec(text) ?? [];
  const name = oldName(scene, table, column);
  const old = name === null ? undefined : known(scene, table)?.columns.get(name)?.type;
  const plain = using === undefined || castsOnly(using, column, type);
  const others = name === null ? [] : foreignKeyEnds(scene, table, name, isKey(scene, table, name));
  const locks = others.map((other): { lock: Lock; table: string } => ({
    lock: 'ACCESS EXCLUSIVE',
    table: other,
  }));
  if (old !== undefined && plain && !rewritesType(old, type))
    return exclusive('change type', table, { locks });
  const advice = `nobody reads or writes it while every row is written anew${old === undefined ? ' (unless the old type is stored alike)' : ''}; add a new column, fill it by a data step and drop the old one`;
  return exclusive('change type', table, {
    locks,
    work: [{ kind: 'rewrite', table }, ...others.map((other): Work => ({ kind: 'scan', table: other }))],
    hazards: [{ rule: 'rewrite', table, advice }],
    loses: [`what of ${table}.${column} doesn't fit ${type.trim()}`],
  });
}

const isKey = (scene: Scene, table: string, column: string): boolean =>
  isUniqueAlready(known(scene, table), [column]);

/** `"name"::integer`: the cast that there would be without USING. */
function castsOnly(using: string, column: string, type: string): boolean {
  const bare = (text: string) => text.toLowerCase().replaceAll(/["()\s]/g, '');
  return bare(using) === `${bare(column)}::${bare(type)}`;
}
