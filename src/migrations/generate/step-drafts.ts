import type { ChainName } from '../chain/revisions.ts';
import { hasDown } from './data-step.ts';
import { label } from './down-label.ts';
import type { Draft, DraftSide } from './drafts.ts';
import type { PhaseKind } from './phases/phases.ts';
import { bodyText, customBody, timestampAfter } from './revision-text.ts';
import type { SnapshotPair } from './snapshots.ts';
import type { Generators, Step } from './steps.ts';
import { slugOfPhase } from './twins.ts';

export interface DraftOptions {
  readonly slug: string;
  readonly message: string;
  /** Of the first pair; each following one is a second later. */
  readonly timestamp: string;
  readonly ids: (kind: PhaseKind) => Readonly<Record<ChainName, string>>;
  /** The text of the data step, which goes with `main`. */
  readonly data: string | null;
  /** More lines of a header that somebody has written. */
  readonly headers?: (kind: PhaseKind, chain: ChainName) => readonly string[];
}

export function draftsOf(steps: readonly Step[], generators: Generators, options: DraftOptions): Draft[] {
  const drafts: Draft[] = [];
  for (const step of steps) {
    const { kind } = step;
    const ids = options.ids(kind);
    const data = kind === 'main' ? options.data : null;
    const side = (chain: ChainName) =>
      sideOf(step, generators[chain], ids[chain], data, options.headers?.(kind, chain) ?? []);
    const previous = drafts.at(-1);
    drafts.push({
      kind,
      slug: slugOfPhase(options.slug, kind, steps.length === 1),
      timestamp: previous ? nextTimestamp(previous.timestamp) : options.timestamp,
      title: titleOf(options.message, kind, steps.length === 1),
      sides: { sqlite: side('sqlite'), pg: side('pg') },
      snapshots: step.after,
      data,
    });
  }
  return drafts;
}

export const nextTimestamp = (timestamp: string): string => timestampAfter(new Date(0), [timestamp]);

export const titleOf = (message: string, kind: PhaseKind, isOnly: boolean): string =>
  isOnly || kind === 'main' ? message.trim() : `${message.trim()} (${kind})`;

function sideOf(
  { kind, sides }: Step,
  { chain, engine }: Generators[ChainName],
  id: string,
  data: string | null,
  headers: readonly string[],
): DraftSide {
  const { up, down, label: ofSchema, custom } = sides[chain];
  const transaction = kind === 'online' && chain === 'pg' ? ['Transaction: none'] : [];
  return {
    id,
    upHeaders: [...transaction, ...headers],
    downHeaders: transaction,
    upBody: custom ? customBody(engine, 'up') : bodyText(engine, up),
    downBody: custom ? customBody(engine, 'down') : bodyText(engine, down),
    label: labelWithData(ofSchema, data),
  };
}

export const WITHOUT_DOWN = label('irreversible', 'the data step has no down');

function labelWithData(ofSchema: string, data: string | null): string {
  return data !== null && !hasDown(data) ? WITHOUT_DOWN : ofSchema;
}

/** A pair that changes nothing in the schemas and is written by hand. */
export function customStep(at: SnapshotPair): Step {
  const side = { up: [], down: [], label: label('irreversible', "down.sql isn't written yet"), custom: true };
  return { kind: 'main', after: at, sides: { sqlite: side, pg: side } };
}
