import { CLIENT_SETTINGS } from '../../settings/client-settings.ts';
import { closest } from '../../settings/did-you-mean.ts';
import { SettingsError } from '../../settings/errors.ts';
import { NotAllowed } from '../../settings/kinds.ts';
import type { ProfileChange, Variables } from '../../settings/profiles-file.ts';
import {
  definitionOf,
  environmentName,
  namesOf,
  type SettingName,
  settingNames,
} from '../../settings/table.ts';
import { canAsk, confirm } from '../confirm.ts';
import { CommandError } from '../failure.ts';
import { answer, type OutputOptions } from '../output.ts';
import { activeProfile, changeActiveProfile } from '../profile/active.ts';

/** A setting as the profile has it: its own name, and all others that mean the same. */
interface Named {
  name: string;
  names: string[];
  setting: SettingName | null;
}

const CLIENT = new Set(CLIENT_SETTINGS);
const BY_NAME = new Map(settingNames.flatMap((name) => namesOf(name).map((one) => [one, name] as const)));

/** `config set`: names are checked, and the values of the server's own settings. */
export function setInProfile(assignments: readonly string[], options: OutputOptions): void {
  const active = activeProfile();
  const changes: ProfileChange[] = [];
  const set: Record<string, string> = {};
  for (const assignment of assignments) {
    const [written, value] = split(assignment);
    const named = nameOf(written);
    refuseFixed(named);
    check(named, value);
    for (const other of named.names)
      if (other !== named.name && other in active.variables)
        changes.push({ kind: 'unset', name: active.name, variable: other });
    changes.push({ kind: 'set', name: active.name, variable: named.name, value });
    set[named.name] = value;
  }
  changeActiveProfile(active, changes);
  const lines = Object.keys(set).flatMap((name) => [
    `${name} is set in profile ${active.name}.`,
    ...hidden(name),
  ]);
  answer({ profile: active.name, file: active.file, set: Object.keys(set) }, lines, options);
}

/** `config unset`: the default counts again, or what another source says. */
export async function unsetInProfile(
  written: readonly string[],
  options: OutputOptions & { yes?: boolean },
): Promise<void> {
  const active = activeProfile();
  const unset = new Map<string, string[]>();
  for (const name of written) {
    const found = inProfile(nameOf(name), active.variables);
    if (found.length === 0)
      throw new CommandError(
        'setting_not_set',
        `${name} isn't set in profile ${active.name}: see prefect-server config view for where it comes from.`,
      );
    unset.set(name, found);
  }
  // As with Prefect, a script isn't asked.
  if (!options.yes && canAsk())
    await confirm({
      what: `${written.join(', ')} will go from profile ${active.name}.`,
      ask: 'Unset?',
      flag: '-y',
    });
  const changes = [...unset.values()]
    .flat()
    .map((variable) => ({ kind: 'unset' as const, name: active.name, variable }));
  changeActiveProfile(active, changes);
  const lines = [...unset.keys()].flatMap((name) => [
    `${name} is no longer set in profile ${active.name}.`,
    ...hidden(name),
  ]);
  answer({ profile: active.name, file: active.file, unset: [...unset.keys()] }, lines, options);
}

function split(assignment: string): [string, string] {
  const at = assignment.indexOf('=');
  if (at > 0) return [assignment.slice(0, at), assignment.slice(at + 1)];
  throw new CommandError('usage', `${JSON.stringify(assignment)} has no value: write it as NAME=value.`);
}

function nameOf(written: string): Named {
  const upper = written.toUpperCase();
  const setting = BY_NAME.get(upper);
  if (setting) return { name: environmentName(setting), names: namesOf(setting), setting };
  if (CLIENT.has(upper)) return { name: upper, names: [upper], setting: null };
  const meant = closest(upper, [...BY_NAME.keys(), ...CLIENT], 4);
  const advice = meant ? `did you mean ${meant}?` : 'see prefect-server config view --show-defaults.';
  throw new CommandError('unknown_setting', `${written} is no setting: ${advice}`);
}

function refuseFixed({ name, setting }: Named): void {
  if (name === 'PREFECT_HOME' || name === 'PREFECT_PROFILES_PATH')
    throw new CommandError(
      'fixed_setting',
      `${name} says where the profiles are, so no profile can say it: set it in the environment.`,
    );
  // Prefect doesn't know the short forms, and drops what it doesn't know when it writes the file.
  if (!setting?.startsWith('database.')) return;
  const instead = /\.(backend|path|url)$/.test(setting)
    ? 'set PREFECT_SERVER_DATABASE_CONNECTION_URL instead'
    : 'set it in the environment, .env or prefect.toml';
  throw new CommandError(
    'fixed_setting',
    `${name} isn't known to Prefect, which shares the profile and would drop it: ${instead}.`,
  );
}

function check({ name, setting }: Named, value: string): void {
  if (!setting) return;
  try {
    definitionOf(setting).kind.parse(value);
  } catch (error) {
    if (error instanceof NotAllowed) throw new SettingsError(`${name} ${error.message}`);
    throw error;
  }
}

const inProfile = ({ names }: Named, variables: Variables): string[] =>
  Object.keys(variables).filter((variable) => names.includes(variable.toUpperCase()));

/** A value in the environment goes before the profile's. */
const hidden = (name: string): string[] =>
  process.env[name] === undefined ? [] : [`The environment has ${name} too, which goes before the profile.`];
