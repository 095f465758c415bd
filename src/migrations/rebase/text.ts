/** The files of a revision that is moved: planned anew where they were as planned, kept where a hand was at them. */

import { type ChainName, ENGINES } from '../chain/revisions.ts';
import { withoutComments } from '../chain/script.ts';
import { bodyOf, bodyText, downText, headersOf, upText } from '../generate/revision-text.ts';
import { CHAINS, isSame } from '../generate/snapshots.ts';
import type { Step } from '../generate/steps.ts';
import type { Twins } from './order.ts';

export interface Moving {
  readonly twins: Twins;
  /** What they come after now. */
  readonly parents: Twins | undefined;
  readonly timestamp: string;
  /** What was planned for them in their old place; undefined if that can't be told. */
  readonly was: Step | undefined;
  /** What is planned in their new place. */
  readonly step: Step;
  /** Revisions that they didn't know, and now come after. */
  readonly unknown: readonly Twins[];
  /** The tables that those change. */
  readonly changedTables: Readonly<Record<ChainName, readonly string[]>>;
  /** What the schema files say beyond both branches. */
  readonly extra: readonly string[];
}

const OWN_HEADERS = /^(Revision|Revises|Create Date|Data|Down): /;

export function movedText(moving: Moving, chain: ChainName): { up: string; down: string } {
  const { twins, parents, timestamp, was, step } = moving;
  const { revision, up, down, label, data } = twins[chain];
  const others = (text: string) => headersOf(text).filter((line) => !OWN_HEADERS.test(line));
  const dataLine = data === undefined ? [] : [`Data: ${timestamp}_${revision.slug}`];
  const planned = step.sides[chain];
  const isPlanned = was !== undefined && was.sides[chain].label === label;
  return {
    up: upText({
      id: revision.id,
      parent: parents?.[chain].revision.id ?? null,
      timestamp,
      headers: [...others(up), ...dataLine],
      body: isAsPlanned(moving, chain, 'up') ? bodyText(ENGINES[chain], planned.up) : bodyOf(up),
    }),
    down: downText(
      isPlanned ? planned.label : label,
      others(down),
      isAsPlanned(moving, chain, 'down') ? bodyText(ENGINES[chain], planned.down) : bodyOf(down),
    ),
  };
}

type Planned = Pick<Moving, 'twins' | 'was'>;

/** Whether nobody has touched what a pair does on its way up. */
export const isAllPlanned = (pair: Planned): boolean =>
  CHAINS.every((chain) => isAsPlanned(pair, chain, 'up'));

function isAsPlanned({ twins, was }: Planned, chain: ChainName, direction: 'up' | 'down'): boolean {
  return (
    was !== undefined &&
    bodyOf(twins[chain][direction]) === bodyText(ENGINES[chain], was.sides[chain][direction])
  );
}

/** Sentences on what a person should look at; the places are the new ones. */
export function review(moving: Moving): string[] {
  const { twins, timestamp, extra, unknown } = moving;
  const sentences: string[] = [];
  for (const chain of CHAINS) {
    const { place, revision } = twins[chain];
    const folder = `${place.slice(0, -revision.folder.length)}${timestamp}_${revision.id}_${revision.slug}`;
    for (const direction of ['up', 'down'] as const) {
      const what = isAsPlanned(moving, chain, direction)
        ? replanned(moving, chain, direction)
        : byHand(moving, chain, direction);
      if (what) sentences.push(`${folder}/${direction}.sql ${what}.`);
    }
  }
  const data = twins.sqlite.data ?? twins.pg.data;
  if (data !== undefined && unknown.length > 0) {
    const step = `drizzle/data/${timestamp}_${twins.sqlite.revision.slug}.ts`;
    sentences.push(
      `${step} runs after ${namesOf(unknown)} now: see that it still finds the rows as it expects them.`,
    );
  }
  if (extra.length > 0) sentences.push(beyond(moving));
  return sentences;
}

function replanned({ was, step }: Moving, chain: ChainName, direction: 'up' | 'down'): string | undefined {
  const [before, after] = [was!.sides[chain][direction], step.sides[chain][direction]];
  if (isSame(before, after)) return undefined;
  const count = after.length === 1 ? '1 statement' : `${after.length} statements`;
  return `was planned anew, with ${count}: read it once more`;
}

/** Comments alone fit everywhere. */
function byHand(moving: Moving, chain: ChainName, direction: 'up' | 'down'): string | undefined {
  const { twins, unknown, changedTables } = moving;
  const body = bodyOf(twins[chain][direction]);
  if (withoutComments(body) === '') return undefined;
  const shared = changedTables[chain].filter((table) => new RegExp(`\\b${table}\\b`).test(body));
  const why = moving.was ? 'was written by hand' : "can't be planned anew without the one that it came after";
  const kept = `${why} and is kept as it was`;
  if (shared.length === 0) return `${kept}: see that it still fits`;
  return `${kept}, but ${namesOf(unknown)} changes ${shared.join(' and ')} too: put into it what has come`;
}

function beyond(moving: Moving): string {
  const { id, slug } = moving.twins.sqlite.revision;
  const first = moving.extra[0]!.split('\n')[0]!.slice(0, 80);
  const what = `The schema files say more than both branches did (${first})`;
  return isAllPlanned(moving)
    ? `${what}: ${id} (${slug}) does that now, too.`
    : `${what}: run npm run generate -- "what changes".`;
}

const namesOf = (all: readonly Twins[]): string =>
  all.map(({ sqlite: { revision } }) => `${revision.id} (${revision.slug})`).join(' and ');
