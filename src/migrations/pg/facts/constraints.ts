import { type Draft, type Hazard, known, type Scene } from '../../facts/facts.ts';
import { repeatedRows } from '../../facts/hazards.ts';
import { columnOfKey, isUniqueAlready } from '../../facts/known-schema.ts';
import type { Reader } from '../../facts/reader.ts';

export function addConstraint(reader: Reader, table: string, scene: Scene): Draft {
  const name = reader.name();
  if (reader.take('foreign key')) return addForeignKey(reader, name, table, scene);
  if (reader.take('check')) return addCheck(reader, name, table, scene);
  if (reader.take('not null')) return addNotNull(reader, name, table, scene);
  if (reader.take('unique')) return addKey('unique', reader, name, table, scene);
  if (reader.take('primary key')) return addKey('primary key', reader, name, table, scene);
  return { kind: 'unknown' };
}

function addForeignKey(reader: Reader, name: string, table: string, scene: Scene): Draft {
  reader.list();
  reader.take('references');
  const other = reader.name();
  const notValid = reader.has('not valid');
  scene.newForeignKeys.set(`${table}.${name}`, other);
  if (notValid) scene.notValid.set(`${table}.${name}`, { table, other, column: null });
  const advice = `nobody writes to it or to ${other} while all rows are looked at; add it NOT VALID, and VALIDATE it in a statement of its own`;
  const draft: Draft = {
    kind: notValid ? 'add foreign key not valid' : 'add foreign key',
    locks: [table, other].map((one) => ({ lock: 'SHARE ROW EXCLUSIVE', table: one })),
  };
  if (notValid || scene.created.has(table)) return draft;
  return {
    ...draft,
    work: [table, other].map((one) => ({ kind: 'scan', table: one })),
    hazards: [{ rule: 'foreign-key', table, advice }],
  };
}

function addCheck(reader: Reader, name: string, table: string, scene: Scene): Draft {
  const column = saysNotNull(reader.list().join());
  if (reader.has('not valid')) {
    scene.notValid.set(`${table}.${name}`, { table, other: null, column });
    return exclusive('add check not valid', table);
  }
  if (column) scene.provenNotNull.set(`${table}.${name}`, `${table}.${column}`);
  return exclusive('add check', table, scanned(table, 'check'));
}

/** From PostgreSQL 18 on NOT NULL is a constraint that can be added without a look at the rows. */
function addNotNull(reader: Reader, name: string, table: string, scene: Scene): Draft {
  const column = reader.name();
  if (!reader.has('not valid')) return exclusive('add not null', table, scanned(table, 'not-null'));
  scene.notValid.set(`${table}.${name}`, { table, other: null, column });
  return exclusive('add not null not valid', table);
}

function scanned(table: string, rule: string): Partial<Draft> {
  const advice =
    'nobody reads or writes it while all rows are looked at; add it NOT VALID, and VALIDATE it in a statement of its own';
  return { work: [{ kind: 'scan', table }], hazards: [{ rule, table, advice }] };
}

function addKey(kind: string, reader: Reader, name: string, table: string, scene: Scene): Draft {
  if (reader.take('using index')) {
    scene.indexTables.delete(reader.name());
    scene.indexTables.set(name, table);
    return exclusive(`add ${kind} using index`, table);
  }
  if (reader.take('nulls')) while (!reader.done && !reader.is('(')) reader.next();
  const columns = reader.list().map(columnOfKey);
  scene.indexTables.set(name, table);
  const advice =
    'nobody reads or writes it while the index is built; build it CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX';
  const hazards: Hazard[] = [{ rule: 'index', table, advice }];
  if (!isUniqueAlready(known(scene, table), columns)) hazards.push(repeatedRows(table, columns));
  return exclusive(`add ${kind}`, table, { work: [{ kind: 'index', table }], hazards });
}

/** Dropping a foreign key drops the trigger on the other end, too. */
export function dropConstraint(reader: Reader, table: string, scene: Scene): Draft {
  const rerunnable = reader.take('if exists');
  const name = reader.name();
  const key = known(scene, table)?.foreignKeys.get(name);
  const other = key?.table ?? scene.newForeignKeys.get(`${table}.${name}`);
  scene.provenNotNull.delete(`${table}.${name}`);
  return exclusive('drop constraint', table, {
    rerunnable,
    locks: other ? [{ lock: 'ACCESS EXCLUSIVE', table: other }] : [],
  });
}

export function validateConstraint(reader: Reader, table: string, scene: Scene): Draft {
  const name = reader.name();
  const added = scene.notValid.get(`${table}.${name}`);
  const other = added?.other ?? known(scene, table)?.foreignKeys.get(name)?.table ?? null;
  if (added?.column) scene.provenNotNull.set(`${table}.${name}`, `${table}.${added.column}`);
  const advice =
    'it was added in the same transaction, whose lock lasts through the scan: put -- Transaction: none into the header';
  return {
    kind: 'validate constraint',
    locks: [
      { lock: 'SHARE UPDATE EXCLUSIVE', table },
      ...(other ? [{ lock: 'ROW SHARE' as const, table: other }] : []),
    ],
    work: [table, ...(other ? [other] : [])].map((one) => ({ kind: 'scan', table: one })),
    hazards: added && scene.transactional ? [{ rule: 'same-transaction', table, advice }] : [],
    rerunnable: true,
    note: 'fails if a row breaks it',
  };
}

/** The strongest lock, for as long as the transaction lasts, and what else there is. */
export function exclusive(kind: string, table: string, more: Partial<Draft> = {}): Draft {
  const { locks = [], ...rest } = more;
  return { kind, locks: [{ lock: 'ACCESS EXCLUSIVE', table }, ...locks], ...rest };
}

/** The column that a check says isn't null, if that is all it says. */
export function saysNotNull(check: string): string | null {
  return /^\(*\s*(?:"\w+"\.)?"?(\w+)"?\s+is\s+not\s+null\s*\)*$/i.exec(check)?.[1] ?? null;
}
