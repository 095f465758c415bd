/**
 * Differences that are meant, each with its reason. Whatever isn't listed here is a failure; an entry that no
 * difference of a whole run needs is a failure too, so that the list stays as short as it can be.
 */
import type { EngineName } from '../support/engine.ts';
import type { Found } from './play.ts';

export interface KnownDifference {
  sequence: RegExp;
  /** On both where it isn't said. */
  engine?: EngineName;
  /** Of the request: `POST /flows/filter`. */
  request?: RegExp;
  /** Of the place: `status`, `header.location`, `body.state.name`. */
  at?: RegExp;
  reason: string;
}

export const knownDifferences: KnownDifference[] = [
  {
    sequence: /^logs: text "/,
    request: /^POST \/logs\/filter/,
    at: /^status/,
    reason:
      "Text search fails on Prefect's SQLite, which is older than concat(); here it works on both engines.",
  },
  {
    sequence: /^logs: levels$/,
    reason:
      'A level beyond smallint is stored by SQLite and refused by PostgreSQL; here both refuse the batch.',
  },
  {
    sequence: /^(flow_run_filters|task_runs): history$/,
    at: /\.sum_estimated_(run_time|lateness)$/,
    reason:
      "Prefect on SQLite counts whole seconds of each run, on PostgreSQL fractions; here it's fractions.",
  },
  {
    sequence: /^flow_run_filters: for the dashboard$/,
    request: /^POST \/ui\/flow_runs\/history/,
    at: /^status$/,
    reason: 'A negative limit is none on SQLite and a 503 on PostgreSQL; here both refuse it.',
  },
  {
    sequence: /^artifacts: data comes back as it was sent$/,
    at: /^body\.data$/,
    reason:
      'A bare number loses its spelling in the JSON column of SQLite: 1.0 comes back as 1. Here it is kept.',
  },
  {
    sequence: /^flow_run_inputs: filter$/,
    request: /input\/filter$/,
    at: /^body$/,
    reason: 'A prefix stands for itself, with regard to case, on both engines.',
  },
];

/** The entry that explains a difference. `sequence` is its group's name, a colon and its own. */
export function explain(sequence: string, found: Found, engine?: EngineName): KnownDifference | undefined {
  return knownDifferences.find(
    (known) =>
      (engine === undefined || known.engine === undefined || known.engine === engine) &&
      known.sequence.test(sequence) &&
      (known.request?.test(found.request) ?? true) &&
      (known.at?.test(found.at) ?? true),
  );
}
