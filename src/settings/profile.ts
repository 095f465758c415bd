import { SettingsError } from './errors.ts';
import { readToml } from './files.ts';

/** Prefect ships these; they set nothing for a server, and a profiles.toml needn't have them. */
const BUILT_IN = new Set(['ephemeral', 'local', 'test', 'cloud']);

export interface Profile {
  place: string;
  variables: Record<string, unknown>;
}

/** The active profile: the one that PREFECT_PROFILE names, or else the one that the file says. */
export function readProfile(file: string, env: Record<string, string | undefined>): Profile {
  const content = readToml(file);
  const profiles = (content['profiles'] ?? {}) as Record<string, Record<string, unknown>>;
  const asked = env['PREFECT_PROFILE'];
  const active = asked || content['active'];
  if (typeof active !== 'string') return { place: file, variables: {} };
  const found = Object.hasOwn(profiles, active) ? profiles[active] : undefined;
  if (!found && asked && !BUILT_IN.has(asked)) {
    const others = Object.keys(profiles);
    const list = others.length > 0 ? `it has ${others.join(', ')}` : 'it has none';
    throw new SettingsError(
      `PREFECT_PROFILE="${asked}" (environment) names a profile that isn't in ${file}: ${list}.`,
    );
  }
  return { place: `profile ${active} of ${file}`, variables: found ?? {} };
}
