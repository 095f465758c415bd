import { homedir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { buildTarget } from './database/build.ts';
import { chooseDatabase, isDatabaseMember } from './database/group.ts';
import { readDotenv, readToml } from './files.ts';
import { readProfile } from './profile.ts';
import { type Resolved, type ResolvedSettings, resolveOne, where } from './resolved.ts';
import { maskUrl, Secret } from './secret.ts';
import type { DescribedSetting, Settings } from './settings.ts';
import { type Flag, flagSource, type Source, tomlSource, variableSource } from './sources.ts';
import { notYet } from './table/not-yet.ts';
import { definitionOf, environmentName, propertyOf, type SettingName, settingNames } from './table.ts';
import { warnAboutNames } from './unknown-names.ts';

export interface Inputs {
  flags?: readonly Flag[];
  env?: Record<string, string | undefined>;
  cwd?: string;
  platform?: NodeJS.Platform;
}

/** Reads all sources, and fails with one sentence (`SettingsError`) at the first value that isn't allowed. */
export function resolveSettings(inputs: Inputs = {}): Settings {
  const { env = process.env, platform = process.platform } = inputs;
  const { sources, expand, homeNow, profilesPath } = sourcesAboveProfile(inputs);
  const warnings: string[] = [];
  const profile = readProfile(profilesPath, env);
  if (profile.warning !== null) warnings.push(profile.warning);
  sources.push(variableSource(profile.place, profile.variables, 'profile'));

  const home = homeNow();
  const resolved: ResolvedSettings = new Map();
  for (const name of settingNames) if (!isDatabaseMember(name)) resolved.set(name, resolveOne(name, sources));
  for (const [name, one] of chooseDatabase(sources)) resolved.set(name, one);
  resolved.set('home', { ...resolved.get('home')!, value: home });
  resolved.set('profiles_path', { ...resolved.get('profiles_path')!, value: profilesPath });
  settleDerived(resolved, home, expand, warnings);

  const databaseTarget = buildTarget({
    resolved,
    home,
    env,
    platform,
    warnings,
    absolute: (path) => expand(path, home),
  });
  warnings.push(...warnAboutUnused(resolved), ...warnAboutNames(sources));
  return {
    ...nest(resolved),
    databaseTarget,
    warnings,
    sourceOf: (name: SettingName) => sourceInWords(resolved.get(name)!),
    describe: (options) => describe(resolved, options),
  };
}

/** Where profiles.toml is; found without a look at any other setting, so that a wrong one in it can be put right. */
export function findProfiles(inputs: Inputs = {}): string {
  return sourcesAboveProfile(inputs).profilesPath;
}

function sourcesAboveProfile({ flags = [], env = process.env, cwd: folder = process.cwd() }: Inputs) {
  const cwd = resolvePath(folder);
  const file = (name: string): string => join(cwd, name);
  const sources: Source[] = [
    flagSource(flags),
    variableSource('environment', env, 'env'),
    variableSource(file('.env'), readDotenv(file('.env'), env), '.env file'),
    tomlSource(file('prefect.toml'), readToml(file('prefect.toml')), 'prefect.toml'),
    tomlSource(file('pyproject.toml'), prefectTable(readToml(file('pyproject.toml'))), 'pyproject.toml'),
  ];
  const expand = (text: string, home: string) => expandPath(text, home, env, cwd);
  const homeNow = () => expand(resolveOne('home', sources).value as string, '');
  const profilesPath = expand(resolveOne('profiles_path', sources).value as string, homeNow());
  return { sources, expand, homeNow, profilesPath };
}

const prefectTable = (pyproject: Record<string, unknown>): unknown =>
  (pyproject['tool'] as { prefect?: unknown } | undefined)?.prefect;

function expandPath(
  text: string,
  home: string,
  env: Record<string, string | undefined>,
  cwd: string,
): string {
  const filled = text.replaceAll('$PREFECT_HOME', home).replaceAll(`\${PREFECT_HOME}`, home);
  const user = env['HOME'] || homedir();
  return resolvePath(cwd, /^~(?=$|[/\\])/.test(filled) ? user + filled.slice(1) : filled);
}

type Expand = (text: string, home: string) => string;

/** Defaults that hang on other settings. */
function settleDerived(resolved: ResolvedSettings, home: string, expand: Expand, warnings: string[]): void {
  const memo = resolved.get('server.memo_store_path')!;
  resolved.set('server.memo_store_path', { ...memo, value: expand(memo.value as string, home) });
  if (resolved.get('debug_mode')!.value === true)
    resolved.set('logging.level', { value: 'DEBUG', found: resolved.get('debug_mode')!.found });
  if (!resolved.get('server.logging_level')!.found)
    resolved.set('server.logging_level', resolved.get('logging.level')!);
  const auth = resolved.get('server.api.auth_string')!;
  if (auth.value instanceof Secret && auth.value.reveal() === '') {
    warnings.push(`${where(auth.found!, true)} is empty, so the API is open to everybody who reaches it.`);
    resolved.set('server.api.auth_string', { ...auth, value: null });
  }
}

function warnAboutUnused(resolved: ResolvedSettings): string[] {
  const warnings: string[] = [];
  for (const [name, { found, value }] of resolved) {
    const reason = found && whyUnused(name, value);
    if (reason) warnings.push(`${found.name} (${found.place}) has no effect: ${reason}.`);
  }
  return warnings;
}

function whyUnused(name: SettingName, value: unknown): string | null {
  const { unused, fallback } = definitionOf(name);
  if (unused) return value === fallback ? null : unused;
  const missing = notYet(name);
  // Who switches off what isn't there has what was asked for.
  return missing && value !== false ? `this version ${missing}` : null;
}

type Values = Omit<Settings, 'databaseTarget' | 'warnings' | 'sourceOf' | 'describe'>;

function nest(resolved: ResolvedSettings): Values {
  const root: Record<string, unknown> = {};
  for (const [name, { value }] of resolved) {
    const path = name.split('.').map(propertyOf);
    const last = path.pop()!;
    let group = root;
    for (const key of path) {
      group[key] ??= {};
      group = group[key] as Record<string, unknown>;
    }
    group[last] = value;
  }
  return root as unknown as Values;
}

const sourceInWords = ({ found }: Resolved): string => (found ? `${found.name} (${found.place})` : 'default');

function describe(resolved: ResolvedSettings, { secrets = false } = {}): DescribedSetting[] {
  return settingNames.map((name) => {
    const one = resolved.get(name)!;
    const { about, secret } = definitionOf(name);
    return {
      name: environmentName(name),
      value: shown(one.value, secrets),
      // A setting that follows another one has the other's spelling there.
      written: one.found && !secret ? inWords(one.found.raw) : null,
      source: sourceInWords(one),
      origin: one.found?.origin ?? 'defaults',
      about,
    };
  });
}

/** As Prefect writes a value that a file has without quotes. */
const inWords = (raw: unknown): string => (typeof raw === 'boolean' ? (raw ? 'True' : 'False') : String(raw));

function shown(value: unknown, secrets: boolean): unknown {
  if (!(value instanceof Secret)) return value;
  return secrets ? value.reveal() : maskUrl(value.reveal());
}
