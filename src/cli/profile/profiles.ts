import { BUILT_IN, changeProfiles, type ProfileChange } from '../../settings/profiles-file.ts';
import { shownValue } from '../config/view.ts';
import { canAsk, confirm } from '../confirm.ts';
import { CommandError } from '../failure.ts';
import { answer, type OutputOptions } from '../output.ts';
import { type ActiveProfile, activeProfile, builtIn, profilesNow } from './active.ts';

/** The profiles that the file has; like Prefect without those that every installation has. */
export function list(options: OutputOptions): void {
  const { name: current, profiles } = profilesNow();
  const all = Object.keys(profiles).map((name) => ({ name, active: name === current }));
  const lines = all.map(({ name, active }) => `${active ? '*' : ' '} ${name}`);
  answer(all, lines, options);
}

export function use(name: string, options: OutputOptions): void {
  const { file, profiles } = profilesNow();
  if (!Object.hasOwn(profiles, name) && !Object.hasOwn(BUILT_IN, name)) throw noSuch(name);
  changeProfiles(file, [{ kind: 'activate', name }]);
  const asked = process.env['PREFECT_PROFILE'];
  const lines = [`Profile ${name} is the active one now.`];
  if (asked && asked !== name) lines.push(`PREFECT_PROFILE=${asked} in the environment goes before that.`);
  answer({ active: name, file }, lines, options);
}

export function create(name: string, options: OutputOptions & { from?: string }): void {
  const active = profilesNow();
  const { profiles } = active;
  if (Object.hasOwn(profiles, name)) throw taken(name);
  if (options.from !== undefined && !Object.hasOwn(profiles, options.from)) throw noSuch(options.from);
  const variables = options.from === undefined ? {} : profiles[options.from]!;
  change(active, [{ kind: 'add', name, variables }]);
  answer(
    { name, from: options.from ?? null },
    `Profile ${name} is there: to use it, run prefect-server profile use ${name}.`,
    options,
  );
}

export async function remove(name: string, options: OutputOptions & { yes?: boolean }): Promise<void> {
  const active = profilesNow();
  if (!Object.hasOwn(active.profiles, name)) throw noSuch(name);
  if (active.name === name)
    throw new CommandError(
      'profile_active',
      `Profile ${name} is the active one: run prefect-server profile use with another one first.`,
    );
  if (!options.yes && canAsk())
    await confirm({ what: `Profile ${name} and all that it sets will go.`, ask: 'Delete it?', flag: '-y' });
  change(active, [{ kind: 'remove', name }]);
  answer({ deleted: name }, `Profile ${name} is gone.`, options);
}

export function rename(name: string, to: string, options: OutputOptions): void {
  const active = profilesNow();
  if (!Object.hasOwn(active.profiles, name)) throw noSuch(name);
  if (Object.hasOwn(active.profiles, to)) throw taken(to);
  const changes: ProfileChange[] = [{ kind: 'rename', name, to }];
  if (active.active === name) changes.push({ kind: 'activate', name: to });
  change(active, changes);
  const lines = [`Profile ${name} is called ${to} now.`];
  if (process.env['PREFECT_PROFILE'] === name)
    lines.push(`Set PREFECT_PROFILE=${to} in the environment to go on using it.`);
  answer({ name: to, before: name }, lines, options);
}

export function inspect(name: string | undefined, options: OutputOptions & { showSecrets?: boolean }): void {
  const active = name === undefined ? activeProfile() : profilesNow();
  const wanted = name ?? active.name;
  const known = Object.hasOwn(active.profiles, wanted) || Object.hasOwn(BUILT_IN, wanted);
  if (!known) throw noSuch(wanted);
  const variables = Object.entries({ ...builtIn(wanted), ...active.profiles[wanted] }).map(
    ([key, value]) => [key, shownValue(key, value, options.showSecrets === true)] as const,
  );
  const lines = variables.map(([key, value]) => `${key}='${value}'`);
  answer(
    Object.fromEntries(variables),
    lines.length > 0 ? lines : `Profile ${wanted} sets nothing.`,
    options,
  );
}

function change({ file, name, active }: ActiveProfile, changes: ProfileChange[]): void {
  const first: ProfileChange[] = active === null ? [{ kind: 'activate', name }] : [];
  changeProfiles(file, [...first, ...changes]);
}

const noSuch = (name: string): CommandError =>
  new CommandError('no_such_profile', `There is no profile ${name}: see prefect-server profile ls.`);

const taken = (name: string): CommandError =>
  new CommandError(
    'profile_exists',
    `There is a profile ${name} already: choose another name, or run prefect-server profile delete ${name} first.`,
  );
