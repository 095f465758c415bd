import type { State, StateType } from '../entities/run/state.ts';
import type { Timestamp } from '../time/timestamp.ts';

export type SetStateStatus = 'ACCEPT' | 'REJECT' | 'ABORT' | 'WAIT';

export type ResponseDetails =
  | { type: 'accept_details' }
  | { type: 'reject_details'; reason: string }
  | { type: 'abort_details'; reason: string }
  | { type: 'wait_details'; delay_seconds: number; reason: string };

/** What set_state answers. */
export interface OrchestrationResult {
  state: State | null;
  status: SetStateStatus;
  details: ResponseDetails;
}

/** The fields that flow and task runs share and that rules read or set. */
export interface RunDraft {
  readonly id: string;
  state_type: StateType | null;
  state_name: string | null;
  state_timestamp: Timestamp | null;
  run_count: number;
  expected_start_time: Timestamp | null;
  next_scheduled_start_time: Timestamp | null;
  start_time: Timestamp | null;
  end_time: Timestamp | null;
  total_run_time: number;
}

/**
 * One attempt to set a state. Rules see the current state (`initial`) and what is `proposed` by now, and decide with
 * the verbs; `run` is a draft whose changed fields are written once, at the end.
 */
export class Transition<Run extends RunDraft, Reach> {
  readonly run: Run;
  /** The run as it was read, to undo what a rule did to the draft. */
  readonly original: Readonly<Run>;
  readonly initial: State | null;
  /** What rules can reach beyond the run itself; each one is at most one query. */
  readonly reach: Reach;
  proposed: State | null;
  /** The state that the run comes to: the one to be written, or the current one where nothing is; null until then. */
  validated: State | null = null;
  status: SetStateStatus = 'ACCEPT';
  details: ResponseDetails = { type: 'accept_details' };

  constructor(run: Run, initial: State | null, proposed: State, reach: Reach) {
    this.run = { ...run };
    this.original = run;
    this.initial = initial;
    this.proposed = proposed;
    this.reach = reach;
  }

  get fromType(): StateType | null {
    return this.initial?.type ?? null;
  }

  get toType(): StateType | null {
    return this.proposed?.type ?? null;
  }

  /** Writes `state` instead of the proposed one; with null the run keeps its current state. */
  reject(state: State | null, reason: string): void {
    this.proposed = state;
    this.status = 'REJECT';
    this.details = { type: 'reject_details', reason };
  }

  /** Writes nothing; the client is told to ask again later. */
  delay(delay_seconds: number, reason: string): void {
    this.proposed = null;
    this.status = 'WAIT';
    this.details = { type: 'wait_details', delay_seconds, reason };
  }

  /** Writes nothing; the client is told to stop working on this run. */
  abort(reason: string): void {
    this.proposed = null;
    this.status = 'ABORT';
    this.details = { type: 'abort_details', reason };
  }

  rename(name: string): void {
    if (this.proposed) this.proposed = { ...this.proposed, name };
  }

  get result(): OrchestrationResult {
    return { state: this.validated, status: this.status, details: this.details };
  }
}
