import { environmentName, namesOf, type SettingName, settingNames } from './table.ts';

/** The kind of source, by the word that `prefect config view` has for it. */
export type Origin =
  | 'flag'
  | 'env'
  | '.env file'
  | 'prefect.toml'
  | 'pyproject.toml'
  | 'profile'
  | 'defaults';

/** A value as it was found, not yet read. */
export interface Found {
  raw: unknown;
  /** As the user wrote it there: a flag, a variable, a key of a TOML file. */
  name: string;
  /** Where, in words: "environment", "command line", the file. */
  place: string;
  origin: Origin;
}

export interface Source {
  readonly place: string;
  /** All that this source says of a setting: its own name first. */
  lookUp(name: SettingName): Found[];
  /** Names that look as if they were meant for a setting and aren't one: for a warning. */
  readonly names: readonly string[];
}

/** A flag of the command line and the setting that it sets. */
export interface Flag {
  flag: string;
  setting: SettingName;
  value: unknown;
}

export function flagSource(flags: readonly Flag[]): Source {
  const place = 'command line';
  return {
    place,
    names: [],
    lookUp: (name) =>
      flags
        .filter((flag) => flag.setting === name && flag.value !== undefined)
        .map((flag) => ({ raw: flag.value, name: flag.flag, place, origin: 'flag' as const })),
  };
}

/** Variables by name: the environment, a .env file, a profile. Prefect ignores the case of names; so do we. */
export function variableSource(place: string, variables: Record<string, unknown>, origin: Origin): Source {
  const byName = new Map<string, unknown>();
  for (const [name, value] of Object.entries(variables)) {
    const upper = name.toUpperCase();
    if (/^(PRE?F|ORION_)/.test(upper) && value !== undefined) byName.set(upper, value);
  }
  const lookUp = (setting: SettingName): Found[] =>
    namesOf(setting)
      .filter((name) => byName.has(name))
      .map((name) => ({ raw: byName.get(name), name, place, origin }));
  return { place, names: [...byName.keys()], lookUp };
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A TOML table whose keys are the dotted names: `[server.api] port = 4200`. */
export function tomlSource(place: string, root: unknown, origin: Origin): Source {
  const walk = (path: string): unknown =>
    path.split('.').reduce<unknown>((table, key) => (isTable(table) ? table[key] : undefined), root);
  const lookUp = (name: SettingName): Found[] => {
    const raw = walk(name);
    return raw === undefined ? [] : [{ raw, name, place, origin }];
  };
  return { place, lookUp, names: unknownKeys(root) };
}

/** Keys below [server] and [database] that no setting has; the other tables of the file are the client's business. */
function unknownKeys(root: unknown): string[] {
  const known = new Set<string>(settingNames);
  const unknown: string[] = [];
  const visit = (table: unknown, path: string): void => {
    if (known.has(path)) return;
    if (!isTable(table)) unknown.push(path);
    else for (const [key, value] of Object.entries(table)) visit(value, `${path}.${key}`);
  };
  if (isTable(root)) for (const group of ['server', 'database']) if (group in root) visit(root[group], group);
  return unknown.map((path) => environmentName(path as SettingName));
}
