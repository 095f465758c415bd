import type { Catalog } from '../catalog/catalog.ts';
import type { ChainName } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import type { Problem } from './problems.ts';
import type { CopyTable, Side } from './tables.ts';

/** Rows of a table, and a mark that changes when anyone writes to it. */
export interface Surveyed {
  readonly rows: number;
  readonly mark: string;
}

/** What of a copy the engines do each in its own way; `{sqlite,pg}/copy.ts` implement it. */
export interface CopyEngine {
  /** From here on reads see one moment, whatever others write. */
  beginSnapshot(source: MigrationConnection): Promise<void>;
  survey(source: MigrationConnection, tables: readonly string[]): Promise<Map<string, Surveyed>>;
  /** Values that the target's engine doesn't take or keep. */
  problems(source: Side, table: CopyTable, target: Side): Promise<Problem[]>;
  /** Rows that refer to nothing, which keys that are made anew would refuse. */
  danglingRows(source: MigrationConnection): Promise<Problem[]>;

  /** How the target keeps text, where that isn't a way for all characters. */
  narrowEncoding(target: MigrationConnection): Promise<string | null>;
  /** Who else has the target open, in words. */
  users(target: MigrationConnection): Promise<string[]>;
  /** For the connection that loads. */
  readonly settings: readonly string[];
  /** Takes away what slows loading down or asks for an order of tables: foreign keys, and the indexes of these tables. */
  strip(found: Catalog, tables: readonly CopyTable[]): string[];
  /** What `strip` took away, as far as it isn't there; each statement can be run on its own. */
  restore(expected: Catalog, found: Catalog): string[];
  empty(table: string): string;
  /** Last, with all rows there. */
  finish(target: MigrationConnection, tables: readonly CopyTable[]): Promise<void>;
}

export const copyEngine = async (chain: ChainName): Promise<CopyEngine> =>
  chain === 'sqlite'
    ? (await import('../sqlite/copy/copy.ts')).sqliteCopy
    : (await import('../pg/copy/copy.ts')).pgCopy;
