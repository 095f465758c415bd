import { SettingsError } from './errors.ts';
import { NotAllowed } from './kinds.ts';
import type { Found, Source } from './sources.ts';
import { definitionOf, type SettingName } from './table.ts';

/** One setting: what it came to, and what said so (nothing, when it is the default). */
export interface Resolved {
  value: unknown;
  found: Found | null;
}

export type ResolvedSettings = Map<SettingName, Resolved>;

/** The first source that knows a setting decides. */
export function resolveOne(name: SettingName, sources: readonly Source[]): Resolved {
  for (const source of sources) {
    const resolved = resolveFrom(name, source);
    if (resolved) return resolved;
  }
  return { value: definitionOf(name).fallback, found: null };
}

/** What one source says; two names of the same setting that say different things are a contradiction. */
export function resolveFrom(name: SettingName, source: Source): Resolved | null {
  const [first, ...others] = source.lookUp(name);
  if (!first) return null;
  const other = others.find((one) => String(one.raw) !== String(first.raw));
  if (other)
    throw new SettingsError(
      `${first.name} and ${other.name} (${first.place}) are the same setting and say different things: keep one of them.`,
    );
  return { value: readValue(name, first), found: first };
}

function readValue(name: SettingName, found: Found): unknown {
  const { kind, secret } = definitionOf(name);
  try {
    return kind.parse(found.raw);
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    throw new SettingsError(`${where(found, secret)} ${error.message}`);
  }
}

/** `NAME="value" (place)`, the start of a sentence about a wrong value. */
export function where(found: Found, secret: boolean): string {
  return secret
    ? `${found.name} (${found.place})`
    : `${found.name}=${JSON.stringify(found.raw)} (${found.place})`;
}
