/** What became of the indexes, or the constraints of one kind, of a table. */

import { isDeepStrictEqual } from 'node:util';

/** Two definitions of one thing, before and after. */
export type Pair<T> = readonly [old: T, next: T];

/** Indexes, or constraints of one kind. What has to be out of the way while columns change is both dropped and created. */
export interface Difference<T> {
  readonly dropped: T[];
  readonly created: T[];
  readonly renamed: Pair<T>[];
  /** Under one name there is another definition; online only, where the old one shall serve until the new one is there. */
  readonly replaced: Pair<T>[];
}

interface Named {
  readonly name: string;
}

type Compare = <T extends Named>(
  old: T[],
  next: T[],
  definition: (one: T) => unknown,
  isInTheWay: (one: T) => boolean,
) => Difference<T>;

export function compareWith(online: boolean): Compare {
  return (old, next, definition, isInTheWay) => compare(old, next, definition, isInTheWay, online);
}

function compare<T extends Named>(
  old: T[],
  next: T[],
  definition: (one: T) => unknown,
  isInTheWay: (one: T) => boolean,
  online: boolean,
): Difference<T> {
  const same = (one: T, other: T) => isDeepStrictEqual(definition(one), definition(other));
  const find = (list: T[], name: string) => list.find((one) => one.name === name);
  const result: { [Key in keyof Difference<T>]: Difference<T>[Key] } = {
    dropped: [],
    created: [],
    renamed: [],
    replaced: [],
  };
  const taken = new Set<T>();
  for (const one of old) {
    const namesake = find(next, one.name);
    const twin = next.find((other) => !find(old, other.name) && !taken.has(other) && same(one, other));
    const serves = namesake && !isInTheWay(one) && (online || same(one, namesake));
    if (serves) {
      if (!same(one, namesake)) result.replaced.push([one, namesake]);
      taken.add(namesake);
    } else if (!namesake && twin && !isInTheWay(one)) {
      result.renamed.push([one, twin]);
      taken.add(twin);
    } else result.dropped.push(one);
  }
  result.created.push(...next.filter((other) => !taken.has(other)));
  return result;
}
