import { type Resolved, resolveFrom } from '../resolved.ts';
import { Secret } from '../secret.ts';
import type { Source } from '../sources.ts';
import { databaseTarget } from '../table/database.ts';
import type { SettingName } from '../table.ts';

export type DatabaseMember = keyof typeof databaseTarget;

const members = Object.keys(databaseTarget) as DatabaseMember[];

export const isDatabaseMember = (name: SettingName): name is DatabaseMember => name in databaseTarget;

const PASSWORD = 'server.database.password';

/** How a URL asks for the password of the setting. */
export const PASSWORD_PLACEHOLDER = /\$\{PREFECT_(?:SERVER|API)_DATABASE_PASSWORD\}/g;

/**
 * The settings that say which database, all of them from the highest source that says anything of it: a mixture of two
 * sources would be a database that nobody asked for.
 */
export function chooseDatabase(sources: readonly Source[]): Map<DatabaseMember, Resolved> {
  const chosen = new Map<DatabaseMember, Resolved>(
    members.map((name) => [name, { value: null, found: null }]),
  );
  const place = sources.findIndex((source) =>
    members.some((name) => name !== PASSWORD && source.lookUp(name).length > 0),
  );
  const source = sources[place];
  if (source)
    for (const name of members) {
      const resolved = resolveFrom(name, source);
      if (resolved) chosen.set(name, resolved);
    }
  const password = choosePassword(sources, place, asksForPassword(chosen));
  if (password) chosen.set(PASSWORD, password);
  return chosen;
}

function asksForPassword(chosen: Map<DatabaseMember, Resolved>): boolean {
  const urls = [chosen.get('database.url')!.value, chosen.get('server.database.connection_url')!.value];
  return urls.some((url) => url instanceof Secret && url.reveal().search(PASSWORD_PLACEHOLDER) >= 0);
}

/** A password of a lower source belongs to that source's database and isn't sent to another, unless the URL asks for it. */
function choosePassword(sources: readonly Source[], place: number, asked: boolean): Resolved | null {
  const eligible = asked || place < 0 ? sources : sources.slice(0, place + 1);
  for (const source of eligible) {
    const resolved = resolveFrom(PASSWORD, source);
    if (resolved) return resolved;
  }
  return null;
}
