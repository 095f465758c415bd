import { literal, quote } from '../../quotes.ts';
import { temporaryName } from './ddl.ts';
import type { PgEnum, PgSnapshot } from './snapshot.ts';

export interface EnumPlan {
  /** New types, and new values of those that stay. */
  readonly create: string[];
  /** Names of types that are made anew, because a value went or another order came: PostgreSQL can't alter that. */
  readonly remade: ReadonlySet<string>;
  /** Before and after the columns change from the old type to the new one. */
  readonly beforeColumns: string[];
  readonly afterColumns: string[];
}

export function planEnums(from: PgSnapshot, to: PgSnapshot): EnumPlan {
  const pairs = Object.entries(to.enums).map(([key, next]) => ({ old: from.enums[key], next }));
  const gone = Object.entries(from.enums).flatMap(([key, old]) => (to.enums[key] ? [] : [old]));
  const kept = pairs.flatMap(({ old, next }) => (old ? [{ old, next }] : []));
  const remade = kept.filter(({ old, next }) => !keepsOrder(old, next)).map(({ next }) => next);
  return {
    create: [
      ...pairs.filter(({ old }) => !old).map(({ next }) => createEnum(next)),
      ...kept.filter(({ next }) => !remade.includes(next)).flatMap(({ old, next }) => addedValues(old, next)),
    ],
    remade: new Set(remade.map(({ name }) => name)),
    beforeColumns: remade.flatMap((one) => [
      `ALTER TYPE ${quote(one.name)} RENAME TO ${quote(temporaryName(one.name).replace(/^__new/, '__old'))};`,
      createEnum(one),
    ]),
    afterColumns: [
      ...remade.map(({ name }) => `DROP TYPE ${quote(temporaryName(name).replace(/^__new/, '__old'))};`),
      ...gone.map(({ name }) => `DROP TYPE ${quote(name)};`),
    ],
  };
}

function createEnum({ name, values }: PgEnum): string {
  return `CREATE TYPE ${quote(name)} AS ENUM (${values.map(literal).join(', ')});`;
}

/** Whether all old values are among the new ones, in their order: then the others can be added. */
function keepsOrder(old: PgEnum, next: PgEnum): boolean {
  const stayed = next.values.filter((value) => old.values.includes(value));
  return stayed.length === old.values.length && stayed.every((value, at) => value === old.values[at]);
}

function addedValues(old: PgEnum, next: PgEnum): string[] {
  return next.values.flatMap((value, at) => {
    if (old.values.includes(value)) return [];
    const follower = next.values.slice(at).find((later) => old.values.includes(later));
    const place = follower === undefined ? '' : ` BEFORE ${literal(follower)}`;
    return [`ALTER TYPE ${quote(next.name)} ADD VALUE ${literal(value)}${place};`];
  });
}
