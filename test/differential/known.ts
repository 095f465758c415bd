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
    engine: 'sqlite',
    sequence: /^(logs|events): text "/,
    at: /^status/,
    reason:
      "Text search fails on Prefect's SQLite, which is older than concat(); here it works on both engines.",
  },
  {
    engine: 'sqlite',
    sequence: /^logs: levels$/,
    reason:
      'A level beyond smallint is stored by SQLite and refused by PostgreSQL; here both refuse the batch.',
  },
  {
    engine: 'sqlite',
    sequence: /^(flow_run_filters|task_runs): history$/,
    at: /\.sum_estimated_(run_time|lateness)$/,
    reason:
      "Prefect on SQLite counts whole seconds of each run, on PostgreSQL fractions; here it's fractions.",
  },
  {
    engine: 'sqlite',
    sequence: /^flow_run_filters: for the dashboard$/,
    request: /^POST \/ui\/flow_runs\/history/,
    at: /^status$/,
    reason: 'A negative limit is none on SQLite and a 503 on PostgreSQL; here both refuse it.',
  },
  {
    engine: 'sqlite',
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
  {
    sequence: /^events: filter by name$/,
    request: /^POST \/events\/filter/,
    at: /^body\.(events|total)$/,
    reason: 'A prefix stands for itself: no % in it, and with regard to case, on both engines.',
  },
  {
    sequence: /^flows: limit and offset$/,
    at: /^body\./,
    reason:
      'A limit of 10^20 is refused as no safe whole number; Prefect, too with 422, as too large a limit.',
  },
  {
    sequence: /^flow_runs: create in a state with data/,
    at: /^status$/,
    reason:
      'Prefect fails to write the result of a run that is not there yet; here it is written with the run.',
  },
  {
    sequence: /^flow_runs: labels$/,
    at: /^status$/,
    reason:
      'Prefect takes labels that it cannot read back: every later GET of the run fails. Here they are refused.',
  },
  {
    sequence: /^flow_runs: graph, with inputs of other kinds$/,
    at: /^status$/,
    reason: 'The graph of Prefect fails on inputs that are constants or parameters; here it leaves them in.',
  },
  {
    engine: 'postgres',
    sequence: /^flow_runs: parameters come back as they were sent$/,
    at: /^body\.parameters\.m$/,
    reason: 'jsonb makes a whole number of 1e100 in Prefect; here it stays a float.',
  },
  {
    sequence: /^logs: text that a database may not take$/,
    at: /^(status|body)$/,
    reason:
      'Half a surrogate pair fails the whole batch in Prefect; here the log is kept, with the replacement character.',
  },
  {
    sequence: /^bad_inputs: POST \/(flow|task)_runs\/$/,
    at: /^body\.request_body\.empirical_policy\.retr(ies|y_delay)$/,
    reason: "Prefect's validation writes into the body before it is shown; here it is shown as it was sent.",
  },
  {
    sequence: /^(deployments: create, bad|bad_inputs: POST \/deployments)/,
    at: /^body\.request_body\.parameters$/,
    reason: "Prefect's validation writes into the body before it is shown; here it is shown as it was sent.",
  },
  {
    sequence: /^schedules: slugs are unique in a deployment$/,
    at: /^body\.detail$/,
    reason:
      "On SQLite Prefect doesn't say what the conflict is; here both engines say what Prefect's says on PostgreSQL.",
  },
  {
    sequence: /^block_types: .* there from the start$/,
    at: /\.(created|updated)$/,
    reason: 'Each server registers its block types when it starts.',
  },
  {
    engine: 'postgres',
    sequence: /^block_schemas: a checksum is of what was sent, number for number$/,
    at: /^body\.fields\.n\.\d+$/,
    reason: 'jsonb makes a whole number of 1e16 in Prefect; here it stays a float.',
  },
  {
    sequence: /^block_documents: a secret that is an object$/,
    at: /^body\.data\.token$/,
    reason:
      'Prefect shows a secret that is an object to everybody, and loses it when a client sends back what it was shown; here it is hidden and kept.',
  },
  {
    sequence: /./,
    request: /^GET \/ready$/,
    at: /^body\.(state|revision|migrated)$/,
    reason: 'Readiness says what state the database is in, too.',
  },
  {
    sequence: /^flow_run_graph: since a moment$/,
    at: /^status$/,
    reason: 'Prefect fails on a moment without an offset from UTC; here it is one in UTC.',
  },
  {
    engine: 'sqlite',
    sequence: /^flow_run_graph: what follows a join has it once/,
    at: /^body\.nodes\.\d+\.1\.parents/,
    reason: "Prefect's edges come in no order on SQLite; here by when the runs began, as on PostgreSQL.",
  },
  {
    sequence: /^guarded: who may ask$/,
    request: /^POST /,
    at: /^status$/,
    reason: 'A stranger is told that it is one (401) before its request is looked at any further (403).',
  },
  {
    sequence: /^guarded: who may ask$/,
    request: /^GET \/hello$/,
    at: /^status$/,
    reason: 'The word Basic may be written in lower case, as RFC 7617 has it.',
  },
  {
    sequence: /^concurrency_limits: slots set by hand$/,
    request: /^GET \/v2\/concurrency_limits\//,
    at: /^body\.active_slots$/,
    reason: "Prefect's reset forgets who holds slots and leaves them taken; here it frees them.",
  },
  {
    sequence: /^concurrency_rules: a run that was paused ends without a slot$/,
    request: /^GET \/v2\/concurrency_limits\//,
    at: /^body\.active_slots$/,
    reason:
      "Prefect gives back a slot for a run that holds none: it's another run's, and one too many gets in.",
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
