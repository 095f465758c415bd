/** Where a run of migrations is, for whoever watches it: a terminal, the log, the server's readiness. */
export interface MigrationProgress {
  /** `copy`: no revision, but the copy of a database, whose step `name` is at table `revision`. */
  readonly direction: 'up' | 'down' | 'copy';
  readonly revision: string;
  readonly name: string;
  /** This revision is the `number`th of `of` that this run applies. */
  readonly number: number;
  readonly of: number;
  /** Statements done, of `statements`. */
  readonly statement: number;
  readonly statements: number;
  /** While a data step runs: rows done, and how many there were at its start. */
  readonly rows?: { readonly done: number; readonly total: number };
  readonly elapsedMs: number;
}

export interface MigrationReporter {
  /** One line to keep: a revision done, a wait for a lock and who holds it, a backup made. */
  line(text: string): void;
  /** Called often and cheap to ignore. */
  progress?(progress: MigrationProgress): void;
}
