/** In which phase of a change each enumeration of PostgreSQL changes. */

import { MigrationError } from '../../errors.ts';
import { type DetailedTable, isSame, type SnapshotEnum, usesEnum } from '../snapshots.ts';
import type { TablePlace } from './places.ts';

export interface Change {
  readonly before: ReadonlyMap<string, DetailedTable>;
  readonly after: ReadonlyMap<string, DetailedTable>;
  readonly oldEnums: ReadonlyMap<string, SnapshotEnum>;
  readonly newEnums: ReadonlyMap<string, SnapshotEnum>;
  readonly places: Map<string, TablePlace>;
}

export type EnumPlace = 'values' | 'main' | 'online';

export function refuseRemaking(change: Change): void {
  const name = [...change.newEnums.keys()].find((one) => isRemade(change, one));
  if (name === undefined) return;
  throw new MigrationError(
    'chain',
    `The enumeration ${name} loses or moves values, which a data step can't go before in the same command: make the ` +
      'data step with the old values first, then change them and run npm run generate -- "message" without --data.',
  );
}

export function placeOfEnum(change: Change, name: string): EnumPlace {
  const { oldEnums, newEnums, after, places } = change;
  const [old, one] = [oldEnums.get(name), newEnums.get(name)];
  if (old && one && !isRemade(change, name)) return 'values';
  if (old) return isUsedOnline(change, name) ? 'online' : 'main';
  const users = [...after.values()].filter((table) => usesEnum(table, name));
  return users.length > 0 && users.every((table) => places.get(table.name) === 'online') ? 'online' : 'main';
}

/** Whether values went or changed places; PostgreSQL can only add some. */
export function isRemade({ oldEnums, newEnums }: Change, name: string): boolean {
  const [old, one] = [oldEnums.get(name), newEnums.get(name)];
  if (!old || !one) return false;
  return !isSame(
    one.values.filter((value) => old.values.includes(value)),
    old.values,
  );
}

function isUsedOnline({ before, places }: Change, name: string): boolean {
  return [...before.values()].some(
    (table) => usesEnum(table, name) && ['online', 'staged'].includes(places.get(table.name)!),
  );
}
