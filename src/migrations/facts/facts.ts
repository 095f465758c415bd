import type { KnownSchema } from './known-schema.ts';

/** PostgreSQL's table locks from the weakest to the strongest, and the one that SQLite has. */
const LOCKS = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
  'write lock',
] as const;
export type Lock = (typeof LOCKS)[number];

export interface TableLock {
  readonly lock: Lock;
  /** On SQLite the whole database: `*`. */
  readonly table: string;
}

/** What takes time in proportion to a table's rows. `rows`: they are changed one by one. */
export interface Work {
  readonly kind: 'scan' | 'index' | 'rewrite' | 'rows';
  readonly table: string;
}

/** Something that a person has to look at before the revision lands. */
export interface Hazard {
  /** `rewrite`, `drop-column`: what an acceptance in the notes names. */
  readonly rule: string;
  readonly table: string;
  /** What happens, and what to do about it. */
  readonly advice: string;
}

export interface StatementFacts {
  /** One line, shortened. */
  readonly summary: string;
  /** `unknown` when it is of no shape that we know: nothing else is said about it then. */
  readonly kind: string;
  /** Tables of before the revision that it touches. */
  readonly tables: readonly string[];
  readonly locks: readonly TableLock[];
  readonly work: readonly Work[];
  /** Columns, tables and indexes that are gone after it. */
  readonly loses: readonly string[];
  readonly hazards: readonly Hazard[];
  /** It can't run inside a transaction. */
  readonly outsideTransaction: boolean;
  /** Run again after it was done, it does nothing. */
  readonly rerunnable: boolean;
  /** The table whose rows it changes, or copies into a new form. */
  readonly target?: string;
  /** What else is worth a word. */
  readonly note?: string;
}

/** What the statements of a revision before one have done; each dialect's facts read and change it. */
export interface Scene {
  /** The schema that the revision starts from; undefined when nobody knows. */
  readonly schema: KnownSchema | undefined;
  /** Tables made by the revision: nobody waits for them, and they have no rows. */
  readonly created: Set<string>;
  /** New names of tables, with those that the schema knows them by. */
  readonly renamed: Map<string, string>;
  /** New names of columns (`table.column`) with those that the schema knows them by; empty for added ones. */
  readonly renamedColumns: Map<string, string>;
  /** Indexes of before, and new ones, with their tables. */
  readonly indexTables: Map<string, string>;
  /** Tables being rebuilt by their temporary names. */
  readonly rebuilding: Map<string, string>;
  /** Old tables of rebuilds: dropping one loses nothing. */
  readonly copied: Set<string>;
  /** Checks that say that a column isn't null, validated: `table.column`. */
  readonly provenNotNull: Map<string, string>;
  /** Constraints added by the revision without a look at the rows, with what they need when they are validated. */
  readonly notValid: Map<string, { table: string; other: string | null; column: string | null }>;
  /** The tables that foreign keys added by the revision refer to. */
  readonly newForeignKeys: Map<string, string>;
  /** Labels of enums added by the revision. */
  readonly newLabels: Set<string>;
  readonly transactional: boolean;
}

export function startScene(schema: KnownSchema | undefined, transactional: boolean): Scene {
  const indexTables = new Map<string, string>();
  for (const table of schema?.values() ?? []) {
    for (const index of [...table.indexes.keys(), ...table.keys.keys()]) indexTables.set(index, table.name);
  }
  return {
    schema,
    created: new Set(),
    renamed: new Map(),
    renamedColumns: new Map(),
    indexTables,
    rebuilding: new Map(),
    copied: new Set(),
    provenNotNull: new Map(),
    notValid: new Map(),
    newForeignKeys: new Map(),
    newLabels: new Set(),
    transactional,
  };
}

/** A table as the schema before the revision knows it. */
export function known(scene: Scene, table: string) {
  return scene.schema?.get(scene.renamed.get(table) ?? table);
}

/** Facts in the making; what isn't said is nothing. */
export interface Draft {
  kind: string;
  tables?: string[];
  locks?: TableLock[];
  work?: Work[];
  loses?: string[];
  hazards?: Hazard[];
  outsideTransaction?: boolean;
  rerunnable?: boolean;
  target?: string;
  note?: string;
}

/** Leaves out what happens to tables that the revision itself makes: nobody waits for them, and they are empty. */
export function finish(statement: string, draft: Draft, scene: Scene): StatementFacts {
  const old = ({ table }: { table: string }) => !scene.created.has(table);
  const locks = strongest((draft.locks ?? []).filter(old));
  const work = (draft.work ?? []).filter(old);
  return {
    summary: summaryOf(statement),
    kind: draft.kind,
    tables: [
      ...new Set([
        ...(draft.tables ?? []).filter((table) => !scene.created.has(table)),
        ...locks.map(({ table }) => table).filter((table) => table !== '*'),
        ...work.map(({ table }) => table),
      ]),
    ],
    locks,
    work,
    loses: draft.loses ?? [],
    hazards: (draft.hazards ?? []).filter(old),
    outsideTransaction: draft.outsideTransaction ?? false,
    rerunnable: draft.rerunnable ?? false,
    ...(draft.target ? { target: draft.target } : {}),
    ...(draft.note ? { note: draft.note } : {}),
  };
}

function strongest(locks: readonly TableLock[]): TableLock[] {
  const byTable = new Map<string, TableLock>();
  for (const lock of locks) {
    const other = byTable.get(lock.table);
    if (!other || LOCKS.indexOf(lock.lock) > LOCKS.indexOf(other.lock)) byTable.set(lock.table, lock);
  }
  return [...byTable.values()];
}

const SUMMARY_LENGTH = 90;

function summaryOf(statement: string): string {
  const line = statement
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/;\s*$/, '')
    .trim();
  return line.length <= SUMMARY_LENGTH ? line : `${line.slice(0, SUMMARY_LENGTH - 3).trimEnd()}...`;
}
