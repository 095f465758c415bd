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
      const meant = closest(name, known, forDatabase ? 12 : 2);
      if (meant) warnings.push(`${name} (${place}) isn't a setting: did you mean ${meant}?`);
      else if (forDatabase) warnings.push(`${name} (${place}) isn't a setting, so it has no effect.`);
    }
  return warnings;
}
