import type { ChainName } from '../revisions.ts';

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

/** How a dialect turns a schema into statements; `migrations/{sqlite,pg}/generate.ts` implement it. */
export interface DialectGenerator {
  readonly chain: ChainName;
  /** The engine's name in prose. */
  readonly engine: string;
  /** `previous` is the snapshot that it follows; an empty schema gives the snapshot before the first revision. */
  snapshot(schema: SchemaModules, previous?: Snapshot): Promise<Snapshot>;
  /** What leads from one snapshot to the other, each statement complete with its semicolon; empty when nothing differs. */
  statements(from: Snapshot, to: Snapshot): Promise<string[]>;
}
