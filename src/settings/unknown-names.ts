import { closest } from './did-you-mean.ts';
import type { Source } from './sources.ts';
import { namesOf, settingNames } from './table.ts';

/** A mistake here sends the data to another database, so any name with such a beginning is one that we ought to know. */
const DATABASE_PREFIX = /^PREFECT_(SERVER_|API_)?DATABASE_/;

/** Names that are almost a setting of ours. Prefect's client has settings of its own, which are none of our business. */
export function warnAboutNames(sources: readonly Source[]): string[] {
  const known = new Set(settingNames.flatMap(namesOf));
  const warnings: string[] = [];
  for (const { names, place } of sources)
    for (const name of names) {
      if (known.has(name)) continue;
      const forDatabase = DATABASE_PREFIX.test(name);
      const alike = [...known].filter((one) => DATABASE_PREFIX.test(one) && lastWord(one) === lastWord(name));
      const meant = (forDatabase && closest(name, alike, 12)) || closest(name, known, 2);
      if (meant) warnings.push(`${name} (${place}) isn't a setting: did you mean ${meant}?`);
      else if (forDatabase) warnings.push(`${name} (${place}) isn't a setting, so it has no effect.`);
    }
  return warnings;
}

const lastWord = (name: string): string => name.slice(name.lastIndexOf('_'));
