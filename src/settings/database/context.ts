import { SettingsError } from '../errors.ts';
import { NotAllowed } from '../kinds.ts';
import { type Resolved, type ResolvedSettings, where } from '../resolved.ts';
import type { Found } from '../sources.ts';
import { definitionOf, type SettingName } from '../table.ts';

/** What the database is worked out of. */
export interface TargetContext {
  resolved: ResolvedSettings;
  home: string;
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  /** From `~`, `$PREFECT_HOME` and relative to absolute. */
  absolute(path: string): string;
  /** Receives what works but is probably not meant. */
  warnings: string[];
}

export const get = ({ resolved }: TargetContext, name: SettingName): Resolved => resolved.get(name)!;

/** Runs `read` and lets what it refuses become a sentence about this setting. */
export function reading<T>(name: SettingName, found: Found, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    throw new SettingsError(`${where(found, definitionOf(name).secret)} ${error.message}`);
  }
}

/** Both come from one source, since the group does. */
export function contradiction(one: Found, other: Found, why: string): never {
  throw new SettingsError(
    `${one.name} and ${other.name} (${one.place}) contradict each other (${why}): keep one of them.`,
  );
}

/** The first of these settings that its source sets. */
export function firstSet(context: TargetContext, names: readonly SettingName[]): Found | null {
  for (const name of names) {
    const { found } = get(context, name);
    if (found) return found;
  }
  return null;
}
