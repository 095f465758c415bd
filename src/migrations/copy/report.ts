/** What a copy has done, table by table. */
export interface CopyReport {
  readonly source: string;
  readonly target: string;
  /** The target's. */
  readonly revision: string;
  readonly tables: readonly CopiedTable[];
  /** Values whose characters were replaced, in words. */
  readonly replaced: readonly string[];
  /** Tables of the source that are nobody's we know of. */
  readonly left: readonly string[];
  /** Someone wrote to these meanwhile, and it was said to be all right. */
  readonly changedSince: readonly string[];
  /** Rows that an interrupted copy had brought already. */
  readonly resumedRows: number;
  readonly milliseconds: number;
}

export interface CopiedTable {
  readonly table: string;
  readonly rows: number;
  /** Of the rows in canonical values, in any order; found out on either side by reading them. */
  readonly checksum: { readonly source: string; readonly target: string };
}
