import { chooseProfile } from '../../settings/profile.ts';
import {
  BUILT_IN,
  changeProfiles,
  DEFAULT_PROFILE,
  type ProfileChange,
  type Profiles,
  readProfiles,
  type Variables,
} from '../../settings/profiles-file.ts';
import { findProfiles } from '../../settings/settings.ts';
import { warn } from '../output.ts';

/** profiles.toml, and which of its profiles counts now. */
export interface ActiveProfile extends Profiles {
  file: string;
  /** Named by PREFECT_PROFILE, by the file, or by default: it may be one that no file has. */
  name: string;
  variables: Variables;
}

/** @throws SettingsError where the environment names one that isn't there */
export function activeProfile(): ActiveProfile {
  const file = findProfiles();
  const read = readProfiles(file);
  const { name, warning } = chooseProfile(read, file, process.env['PREFECT_PROFILE']);
  if (warning !== null) warn(warning);
  return withName(read, file, name);
}

/** For the commands that manage profiles, which put right what the environment or the file names wrongly. */
export function profilesNow(): ActiveProfile {
  const file = findProfiles();
  const read = readProfiles(file);
  return withName(read, file, process.env['PREFECT_PROFILE'] || read.active || DEFAULT_PROFILE);
}

function withName(read: Profiles, file: string, name: string): ActiveProfile {
  const own = Object.hasOwn(read.profiles, name) ? read.profiles[name] : undefined;
  return { ...read, file, name, variables: { ...builtIn(name), ...own } };
}

/** Changes the file, after it has the profile and says which one is active, as Prefect leaves it. */
export function changeActiveProfile(active: ActiveProfile, changes: readonly ProfileChange[]): void {
  const before: ProfileChange[] = [];
  if (active.active === null) before.push({ kind: 'activate', name: active.name });
  if (!Object.hasOwn(active.profiles, active.name))
    before.push({ kind: 'add', name: active.name, variables: builtIn(active.name) });
  changeProfiles(active.file, [...before, ...changes]);
}

export const builtIn = (name: string): Variables => (Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name]! : {});
