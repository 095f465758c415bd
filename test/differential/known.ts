/**
 * Differences that are meant, each with its reason. Whatever isn't listed here is a failure; an entry that no
 * difference of a whole run needs is a failure too, so that the list stays as short as it can be.
 */
import type { Found } from './play.ts';

export interface KnownDifference {
  sequence: RegExp;
  /** Of the request: `POST /flows/filter`. */
  request?: RegExp;
  /** Of the place: `status`, `header.location`, `body.state.name`. */
  at?: RegExp;
  reason: string;
}

export const knownDifferences: KnownDifference[] = [];

/** The entry that explains a difference. `sequence` is its group's name, a colon and its own. */
export function explain(sequence: string, found: Found): KnownDifference | undefined {
  return knownDifferences.find(
    (known) =>
      known.sequence.test(sequence) &&
      (known.request?.test(found.request) ?? true) &&
      (known.at?.test(found.at) ?? true),
  );
}
