/** A database's structure as its engine tells it. */

export interface Catalog {
  readonly enums: CatalogEnum[];
  readonly extensions: { readonly name: string }[];
  readonly tables: Record<string, CatalogTable>;
  readonly views: { readonly name: string; readonly definition: string }[];
}

export interface CatalogEnum {
  readonly name: string;
  readonly values: string[];
}

export interface CatalogTable {
  readonly columns: CatalogColumn[];
  readonly primaryKey: CatalogKey | null;
  readonly uniques: CatalogKey[];
  readonly foreignKeys: CatalogForeignKey[];
  readonly checks: CatalogCheck[];
  readonly indexes: CatalogIndex[];
  readonly triggers: CatalogTrigger[];
  /** What else is special: `unlogged`, `without rowid`, `strict`, `autoincrement`. */
  readonly options: string[];
}

export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly generated: { readonly expression: string; readonly stored: boolean } | null;
  readonly identity: 'always' | 'by default' | null;
  /** Null for the one of the type. */
  readonly collation: string | null;
}

export interface CatalogKey {
  /** Empty where it was given none. */
  readonly name: string;
  readonly columns: string[];
  /** How it differs from an ordinary one: `nulls not distinct`, `deferrable initially deferred`, `not valid`, `disabled`. */
  readonly marks: string[];
  /** What follows ADD CONSTRAINT and the name on PostgreSQL; empty on SQLite. */
  readonly definition: string;
}

export interface CatalogForeignKey extends CatalogKey {
  readonly refTable: string;
  readonly refColumns: string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

export interface CatalogCheck extends CatalogKey {
  readonly expression: string;
}

export interface CatalogIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly method: string;
  readonly keys: CatalogIndexKey[];
  readonly include: string[];
  readonly predicate: string | null;
  /** `INVALID` for what a broken CREATE INDEX CONCURRENTLY left behind, `nulls not distinct`. */
  readonly marks: string[];
  /** The statement that makes it. */
  readonly definition: string;
}

export interface CatalogIndexKey {
  readonly column: string | null;
  readonly expression: string | null;
  /** Null where the method knows no order. */
  readonly desc: boolean | null;
  readonly nulls: string | null;
  /** Null for the one of the column. */
  readonly collation: string | null;
  /** Null for the one that the type has by default. */
  readonly opclass: string | null;
}

export interface CatalogTrigger {
  readonly name: string;
  readonly definition: string;
}
