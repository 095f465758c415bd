import { SettingsError } from './errors.ts';
import { BUILT_IN, DEFAULT_PROFILE, type Profiles, readProfiles } from './profiles-file.ts';

export interface Profile {
  place: string;
  variables: Record<string, unknown>;
  /** What is wrong with the choice, though something counts. */
  warning: string | null;
}

export interface ChosenProfile {
  name: string;
  warning: string | null;
}

/**
 * The active profile: the one that PREFECT_PROFILE names, or else the one that the file says. Where the file says one that it
 * hasn't, Prefect's default counts, as with Prefect; what the environment names wrongly is refused.
 */
export function chooseProfile(
  { active, profiles }: Profiles,
  file: string,
  asked: string | undefined,
): ChosenProfile {
  const isThere = (name: string) => Object.hasOwn(profiles, name) || Object.hasOwn(BUILT_IN, name);
  if (asked) {
    if (isThere(asked)) return { name: asked, warning: null };
    const others = Object.keys(profiles);
    const list = others.length > 0 ? `it has ${others.join(', ')}` : 'it has none';
    throw new SettingsError(
      `PREFECT_PROFILE="${asked}" (environment) names a profile that isn't in ${file}: ${list}.`,
    );
  }
  if (active === null || isThere(active)) return { name: active ?? DEFAULT_PROFILE, warning: null };
  return {
    name: DEFAULT_PROFILE,
    warning:
      `${file} says that "${active}" is the active profile, but has none of that name, so that ${DEFAULT_PROFILE} counts: ` +
      'run prefect-server profile use with one that is there.',
  };
}

/** What the user wrote into the active profile; what Prefect ships sets nothing for a server that is told to serve. */
export function readProfile(file: string, env: Record<string, string | undefined>): Profile {
  const read = readProfiles(file);
  const { name, warning } = chooseProfile(read, file, env['PREFECT_PROFILE']);
  const variables = Object.hasOwn(read.profiles, name) ? read.profiles[name]! : {};
  return { place: `profile ${name} of ${file}`, variables, warning };
}
