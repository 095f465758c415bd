import type { LoadedStep } from '../chain/data-step.ts';
import type { MigrationConnection } from '../connection.ts';
import type { MigrationReporter } from '../progress.ts';
import type { KindHint } from '../rows.ts';

/** A revision that is to be applied or undone, whichever way. */
export interface Job {
  readonly direction: 'up' | 'down';
  readonly id: string;
  readonly name: string;
  readonly number: number;
  readonly of: number;
  readonly statements: readonly string[];
  readonly transactional: boolean;
  /** Runs after the statements on the way up, and before them on the way down. */
  readonly data: LoadedStep | null;
  readonly hint: KindHint;
  /** Where the database is while it isn't done; null for base. */
  readonly from: string | null;
  /** Of the files as they are now. */
  readonly checksum: string;
  /** The ledger's part, in the last transaction. */
  finish(milliseconds: number): Promise<void>;
}

export interface JobContext {
  readonly connection: MigrationConnection;
  readonly reporter: MigrationReporter;
  readonly tableLockSeconds: number;
}

export interface JobResult {
  readonly milliseconds: number;
  readonly rows: number;
}

/** How far a job has come, for the message of its failure. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed';
  readonly statement: number;
  readonly rows: number;
  readonly inData: boolean;

  constructor(at: { statement: number; rows: number; inData: boolean }, cause: unknown) {
    super('A revision failed.', { cause });
    this.statement = at.statement;
    this.rows = at.rows;
    this.inData = at.inData;
  }
}
