import type { ChainName } from '../chain/revisions.ts';

/** What drizzle-kit's snapshots of both dialects have in common; the rest of one is its dialect's own business. */
export interface Snapshot {
  readonly id: string;
  readonly prevId: string;
  readonly tables: Record<string, SnapshotTable>;
  readonly enums: Record<string, unknown>;
}

export interface SnapshotTable {
  readonly name: string;
  readonly columns: Record<string, SnapshotColumn>;
}

export interface SnapshotColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default?: unknown;
}

/** The exports of the modules of a schema. */
export type SchemaModules = Record<string, unknown>;

/** A table or a column that has another name in the new schema; declared by whoever makes the revision, never guessed. */
export type Rename =
  | { readonly kind: 'table'; readonly from: string; readonly to: string }
  | { readonly kind: 'column'; readonly table: string; readonly from: string; readonly to: string };

/** What renaming leads to: the snapshot in which everything has its new name, and the statements that do it. */
export interface Renamed {
  readonly snapshot: Snapshot;
  readonly statements: string[];
}

export interface StatementOptions {
  /**
   * The file runs statement by statement, each in a transaction of its own or in none (PostgreSQL: indexes built
   * CONCURRENTLY, constraints added NOT VALID and validated after). Otherwise all of it is one transaction.
   */
  readonly online: boolean;
}

/** How a dialect turns a schema into statements; `migrations/{sqlite,pg}/generate/generate.ts` implement it. */
export interface DialectGenerator {
  readonly chain: ChainName;
  /** The engine's name in prose. */
  readonly engine: string;
  /** `previous` is the snapshot that it follows; an empty schema gives the snapshot before the first revision. */
  snapshot(schema: SchemaModules, previous?: Snapshot): Promise<Snapshot>;
  /** What leads from one snapshot to the other, each statement complete with its semicolon; empty when nothing differs. */
  statements(from: Snapshot, to: Snapshot, options?: StatementOptions): Promise<string[]>;
  /** Renames in the order given, a column's table under the name that it has by then. */
  rename(from: Snapshot, renames: readonly Rename[]): Renamed;
}
