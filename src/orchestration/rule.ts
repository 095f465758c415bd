import { STATE_TYPES, type State, type StateType } from '../entities/run/state.ts';
import type { RunDraft, Transition } from './transition.ts';

/** A state type, or null where there is none: a run without a state, a transition that writes nothing. */
export type Side = StateType | null;

export const ANY: ReadonlySet<Side> = new Set([...STATE_TYPES, null]);

export function types(...sides: Side[]): ReadonlySet<Side> {
  return new Set(sides);
}

export function allBut(...sides: Side[]): ReadonlySet<Side> {
  return new Set([...ANY].filter((side) => !sides.includes(side)));
}

/**
 * Governs the transitions from one of `from` to one of `to`. It takes part while the transition is the one that was
 * intended: once an earlier rule has changed that, `before` isn't called; when a later one has, `cleanup` is called
 * in the place of `after`.
 */
export interface Rule<Run extends RunDraft, Reach> {
  readonly name: string;
  readonly from: ReadonlySet<Side>;
  readonly to: ReadonlySet<Side>;
  readonly universal?: false;
  before?(transition: Transition<Run, Reach>, proposed: State): void | Promise<void>;
  /** Called when the state has been written; `validated` is that state, or the current one when nothing was. */
  after?(transition: Transition<Run, Reach>, validated: State | null): void | Promise<void>;
  /** Undoes what `before` did. */
  cleanup?(transition: Transition<Run, Reach>): void | Promise<void>;
}

/** Bookkeeping that takes part in every transition that writes a state, whatever the rules made of it. */
export interface Transform<Run extends RunDraft, Reach> {
  readonly name: string;
  readonly universal: true;
  before?(transition: Transition<Run, Reach>, proposed: State): void | Promise<void>;
  after?(transition: Transition<Run, Reach>, validated: State): void | Promise<void>;
}

/** An ordered list: entered from first to last, left from last to first. */
export type Policy<Run extends RunDraft, Reach> = readonly (Rule<Run, Reach> | Transform<Run, Reach>)[];
