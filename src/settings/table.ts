import type { Definition } from './definition.ts';
import { api } from './table/api.ts';
import { database } from './table/database.ts';
import { events } from './table/events.ts';
import { general } from './table/general.ts';
import { services } from './table/services.ts';

/** Every setting, by Prefect's own name for it: the place in prefect.toml, and PREFECT_ plus that in capitals. */
export const table = { ...general, ...api, ...database, ...events, ...services };

export type SettingName = keyof typeof table;

export const settingNames = Object.keys(table) as SettingName[];

export const definitionOf = (name: SettingName): Definition => table[name] as Definition;

export const environmentName = (name: SettingName): string =>
  `PREFECT_${name.replaceAll('.', '_').toUpperCase()}`;

/** All names of a setting, its own first: the first one that is found counts. */
export function namesOf(name: SettingName): string[] {
  const own = environmentName(name);
  const { aliases, oldApiName } = definitionOf(name);
  return [own, ...(oldApiName ? [own.replace('PREFECT_SERVER_', 'PREFECT_API_')] : []), ...aliases];
}

/** A part of a setting's name as the settings object has it: `default_limit` is `defaultLimit` there. */
export const propertyOf = (word: string): string =>
  word.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
