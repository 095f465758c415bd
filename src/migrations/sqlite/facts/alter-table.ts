import type { Draft, Hazard, Scene } from '../../facts/facts.ts';
import { droppedColumn, renamed } from '../../facts/hazards.ts';
import type { Reader } from '../../facts/reader.ts';

export function alterTable(reader: Reader, scene: Scene): Draft {
  const table = reader.name();
  if (reader.take('rename to')) return renameTable(reader.name(), table, scene);
  if (reader.take('add check') || (reader.take('add constraint') && reader.find('check')))
    return addCheck(table);
  if (reader.take('drop constraint')) return { kind: 'drop constraint', tables: [table] };
  if (reader.take('add column') || reader.take('add')) return addColumn(reader, table, scene);
  if (reader.take('drop column') || reader.take('drop')) return dropColumn(reader, table, scene);
  if (reader.take('alter column') || reader.take('alter')) return alterColumn(reader, table, scene);
  if (reader.take('rename column') || reader.take('rename')) return renameColumn(reader, table, scene);
  return { kind: 'unknown' };
}

/** The new table of a rebuild takes the old one's place, as far as anyone outside can tell. */
function renameTable(name: string, table: string, scene: Scene): Draft {
  const rebuilt = scene.rebuilding.get(table);
  if (rebuilt === name) {
    scene.rebuilding.delete(table);
    scene.created.delete(table);
    return { kind: 'rebuild: rename', tables: [name] };
  }
  if (scene.created.has(table)) scene.created.add(name);
  scene.renamed.set(name, scene.renamed.get(table) ?? table);
  return {
    kind: 'rename table',
    tables: [table],
    hazards: [renamed(table, table, name)],
  };
}

function addColumn(reader: Reader, table: string, scene: Scene): Draft {
  const column = reader.name();
  scene.renamedColumns.set(`${table}.${column}`, '');
  const hazards: Hazard[] = [];
  const value = defaultOf(reader);
  const generated = reader.has('generated always') || reader.has('as');
  if (value !== null && !isConstant(value)) {
    const advice = `fails if it has rows: ${column} needs a constant default; rebuild the table`;
    hazards.push({ rule: 'default', table, advice });
  }
  if (reader.has('not null') && (value === null || /^null$/i.test(value)) && !generated) {
    const advice = `fails: ${column} is NOT NULL and has no default`;
    hazards.push({ rule: 'no-value', table, advice });
  }
  if (reader.has('references') && value !== null && !/^null$/i.test(value)) {
    const advice = `fails while foreign keys are on: ${column} refers to another table and has a default`;
    hazards.push({ rule: 'default', table, advice });
  }
  // Only what the rows must fulfil is looked for in them.
  const scans = reader.has('check') || (generated && reader.has('not null'));
  return { kind: 'add column', tables: [table], work: scans ? [{ kind: 'scan', table }] : [], hazards };
}

/** SQLite 3.53 and newer. */
function addCheck(table: string): Draft {
  const advice = 'fails if a row breaks it; see to those before';
  return {
    kind: 'add check',
    tables: [table],
    work: [{ kind: 'scan', table }],
    hazards: [{ rule: 'check', table, advice }],
  };
}

/** SQLite 3.53 and newer. */
function alterColumn(reader: Reader, table: string, scene: Scene): Draft {
  const column = reader.name();
  if (reader.take('drop not null')) return { kind: 'drop not null', tables: [table] };
  if (!reader.take('set not null')) return { kind: 'unknown' };
  const filled = [...scene.provenNotNull.values()].includes(`${table}.${column}`);
  const advice = `fails if a row has no ${column}; fill it before`;
  return {
    kind: 'set not null',
    tables: [table],
    work: [{ kind: 'scan', table }],
    hazards: filled ? [] : [{ rule: 'not-null', table, advice }],
  };
}

function defaultOf(reader: Reader): string | null {
  const match =
    /\bdefault\s+(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|'(?:[^']|'')*'|"[^"]*"|[-+]?[\w.]+)/i.exec(
      reader.rest(),
    );
  return match?.[1] ?? null;
}

/** SQLite takes brackets and CURRENT_TIMESTAMP for something to be worked out. */
function isConstant(value: string): boolean {
  return /^'(?:[^']|'')*'$|^[-+]?\d+(?:\.\d+)?$|^(?:null|true|false)$|^x'[\da-f]*'$/i.test(value);
}

/** The column is taken out of every row. */
function dropColumn(reader: Reader, table: string, scene: Scene): Draft {
  const column = reader.name();
  const isNew = scene.renamedColumns.get(`${table}.${column}`) === '';
  return {
    kind: 'drop column',
    tables: [table],
    work: [{ kind: 'rewrite', table }],
    loses: isNew ? [] : [`${table}.${column}`],
    hazards: isNew ? [] : [droppedColumn(table)],
  };
}

function renameColumn(reader: Reader, table: string, scene: Scene): Draft {
  const column = reader.name();
  reader.take('to');
  const name = reader.name();
  const old = scene.renamedColumns.get(`${table}.${column}`) ?? column;
  scene.renamedColumns.set(`${table}.${name}`, old);
  return {
    kind: 'rename column',
    tables: [table],
    hazards: old === '' ? [] : [renamed(table, column, name)],
  };
}
