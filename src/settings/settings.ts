import type { DatabaseTarget } from './database/target.ts';
import type { Definition } from './definition.ts';
import type { Origin } from './sources.ts';
import type { SettingName, table } from './table.ts';

export type { DatabaseTarget, PostgresTarget, SqliteTarget, TlsOptions } from './database/target.ts';
export { describeTarget, fileOf, isInMemory } from './database/target.ts';
export { SettingsError } from './errors.ts';
export { findProfiles, type Inputs, resolveSettings } from './resolve.ts';
export { Secret } from './secret.ts';
export type { SettingName } from './table.ts';

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;
type Value<D> = D extends Definition<infer T> ? Widen<T> : never;
type Widen<T> = T extends boolean ? boolean : T;
type Group<S> = S extends `${infer Head}.${string}` ? Head : S;
type Below<T, G extends string> = { [K in keyof T as K extends `${G}.${infer Rest}` ? Rest : never]: T[K] };

/** The table's dotted snake_case names as nested camelCase groups: `server.api.default_limit` is `server.api.defaultLimit`. */
type Nested<T> = {
  [G in Group<keyof T> & string as Camel<G>]: G extends keyof T ? Value<T[G]> : Nested<Below<T, G>>;
};

export interface Settings extends Nested<typeof table> {
  /** The one database that all settings about it come down to. */
  readonly databaseTarget: DatabaseTarget;
  /** What was found that works but is probably not meant: to be logged once the log is open. */
  readonly warnings: readonly string[];
  /** Where a value comes from, in words: "the flag --port", "the environment variable PREFECT_SERVER_API_PORT". */
  sourceOf(name: SettingName): string;
  /** Every setting, for people: secrets are masked unless they are asked for. */
  describe(options?: { secrets?: boolean }): DescribedSetting[];
}

export interface DescribedSetting {
  /** The environment variable. */
  name: string;
  value: unknown;
  /** As the user wrote it, where it isn't a secret or a default. */
  written: string | null;
  /** In words: the name that it was found under, and where. */
  source: string;
  origin: Origin;
  about: string;
}
