/** What `record-pairs.ts` asks a real server and `pairs.test.ts` asks ours. */
import type { StateType } from '../../src/schema/types.ts';

export interface Pair {
  kind: 'flow' | 'task';
  from: StateType;
  to: StateType;
  force: boolean;
  retries: number | null;
  deferred: boolean;
}

const VARIANTS: Omit<Pair, 'from' | 'to'>[] = [
  { kind: 'flow', force: false, retries: null, deferred: false },
  { kind: 'flow', force: false, retries: 1, deferred: false },
  { kind: 'flow', force: true, retries: 1, deferred: false },
  { kind: 'task', force: false, retries: null, deferred: false },
  { kind: 'task', force: false, retries: 1, deferred: false },
  { kind: 'task', force: true, retries: 1, deferred: false },
  { kind: 'task', force: false, retries: 1, deferred: true },
];

export function pairs(types: readonly StateType[]): Pair[] {
  return VARIANTS.flatMap((variant) =>
    types.flatMap((from) => types.map((to): Pair => ({ ...variant, from, to }))),
  );
}

export function pairName({ kind, from, to, force, retries, deferred }: Pair): string {
  const words = [kind, force && 'forced', retries !== null && `${retries} retry`, deferred && 'deferred'];
  return `${words.filter(Boolean).join(', ')}: ${from} > ${to}`;
}

interface Answered {
  written: boolean;
  result: { status: string; details: object; state: { type: string; name: string } | null };
}

interface RunFacts {
  state_type: string | null;
  state_name: string | null;
  run_count: number;
  flow_run_run_count?: number;
  start_time: string | null;
  end_time: string | null;
  expected_start_time: string | null;
  next_scheduled_start_time: string | null;
  total_run_time: { valueOf(): number };
  empirical_policy: object;
}

/** What matters of an answer and of the run after it, without ids and moments. */
export function summary({ written, result }: Answered, run: RunFacts): Record<string, unknown> {
  const { status, details, state } = result;
  const policy = run.empirical_policy as Record<string, unknown>;
  const { type: _, ...told } = details as Record<string, unknown>;
  return {
    written,
    status,
    ...told,
    state: state && `${state.type} ${state.name}`,
    run: `${run.state_type} ${run.state_name}`,
    count: run.run_count,
    ...(run.flow_run_run_count !== undefined && { ofFlow: run.flow_run_run_count }),
    times: ['start_time', 'end_time', 'expected_start_time', 'next_scheduled_start_time']
      .filter((name) => run[name as keyof RunFacts] !== null)
      .join(' '),
    ran: Number(run.total_run_time) > 0,
    ...('resuming' in policy && {
      resuming: policy['resuming'],
      retry: policy['retry_type'],
      pauses: (policy['pause_keys'] as string[]).length,
    }),
  };
}
