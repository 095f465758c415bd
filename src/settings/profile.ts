import { SettingsError } from './errors.ts';
import { BUILT_IN, readProfiles } from './profiles-file.ts';

export interface Profile {
  place: string;
  variables: Record<string, unknown>;
}

/** The active profile: the one that PREFECT_PROFILE names, or else the one that the file says. */
export function readProfile(file: string, env: Record<string, string | undefined>): Profile {
  const { active: chosen, profiles } = readProfiles(file);
  const asked = env['PREFECT_PROFILE'];
  const active = asked || chosen;
  if (active === null) return { place: file, variables: {} };
  const found = Object.hasOwn(profiles, active) ? profiles[active] : undefined;
  if (!found && asked && !Object.hasOwn(BUILT_IN, asked)) {
    const others = Object.keys(profiles);
    const list = others.length > 0 ? `it has ${others.join(', ')}` : 'it has none';
    throw new SettingsError(
      `PREFECT_PROFILE="${asked}" (environment) names a profile that isn't in ${file}: ${list}.`,
    );
  }
  // What Prefect ships sets nothing for a server that is told to serve; only what the user wrote counts.
  return { place: `profile ${active} of ${file}`, variables: found ?? {} };
}
