import type { SQL } from 'drizzle-orm';
import type { Catalog } from './catalog/catalog.ts';
import type { ChainName, Revision } from './chain/revisions.ts';
import type { MigrationReporter } from './progress.ts';
import type { KindHint, RowAccess } from './rows.ts';

/** What the runner needs of an engine; `migrations/{sqlite,pg}/connection.ts` implement it. */
export interface MigrationConnection {
  readonly chain: ChainName;
  /** The database in words, as the beginning of a sentence: `The SQLite database /data/prefect.db`. */
  readonly place: string;
  /** Null for what isn't a file of SQLite. */
  readonly file: string | null;
  /** How to name another database: `set PREFECT_DATABASE_PATH to another file`. */
  readonly elsewhere: string;

  /** Names of the tables in the schema that the server uses; those of extensions and of the engine left out. */
  tableNames(): Promise<string[]>;
  /** What the database holds, in a few statements. */
  catalog(): Promise<Catalog>;
  /** What these revisions would build from nothing, found out aside, without a trace in the database. */
  replay(revisions: readonly Revision[]): Promise<Catalog>;

  query<Row>(statement: SQL): Promise<Row[]>;
  /** Runs a statement of a revision as it stands in the file. */
  run(statement: string): Promise<void>;

  /** Keeps every other process from migrating this database; held until it is released or the process dies. */
  readonly lock: MigrationLock;
  /** Called once under the lock, before the first change. */
  prepare(): Promise<void>;
  revision<T>(run: RevisionRun, work: () => Promise<T>): Promise<T>;
  /** A transaction of a few statements: of one of a revision that isn't atomic, or of a batch of a data step. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Whether a statement can't be in a transaction; then it must bear being run again. */
  runsAlone(statement: string): boolean;
  rows(hint: KindHint): RowAccess;

  /** Who is to be told while a statement waits for someone else's lock. */
  reportTo(reporter: MigrationReporter): void;
  /** Who kept the last lock that was waited for in vain, as far as the engine tells. */
  blocker(): string;
  /** Whether a statement failed only because someone else, not migrating, kept a lock for too long. */
  isLockTimeout(error: unknown): boolean;
  /** What to do about a failure, as an imperative; null where only its reason tells. */
  advice(error: unknown): string | null;

  /** Makes the statement in hand fail, where that is possible from outside. */
  interrupt?(): Promise<void>;

  close(): Promise<void>;
}

export interface RevisionRun {
  /** In one transaction; else each statement is on its own. */
  readonly atomic: boolean;
  /** The revision's own, which `work` will run. */
  readonly statements: readonly string[];
}

export interface MigrationLock {
  /** Never waits. */
  tryAcquire(): Promise<boolean>;
  /** Who has it, as far as the engine tells. */
  holder(): Promise<string>;
  release(): Promise<void>;
}
