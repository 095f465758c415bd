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
  /** A revision begins: worth a line where it takes long. Said as a line where this is missing. */
  begin?(text: string): void;
  /** One line to keep: a revision done, a wait for a lock and who holds it, a backup made. */
  line(text: string): void;
  /** Called often and cheap to ignore. */
  progress?(progress: MigrationProgress): void;
}

export function sayBegin(reporter: MigrationReporter, text: string): void {
  if (reporter.begin) reporter.begin(text);
  else reporter.line(text);
}
