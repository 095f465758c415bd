/**
 * Runs that are proposed states at random while they compete for the slots of a limit: both servers must say the same
 * at every step, and count the same slots taken.
 *
 * A run that holds no slot isn't sent where it would stop like one that does: there Prefect gives back a slot of
 * somebody else's.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type Answer, ask, type Request } from './request.ts';

export interface Servers {
  oracle: string;
  ours: string;
}

interface Choice {
  run: number;
  kind: number;
  name: string | null;
  force: boolean;
  client: string | null;
}

const HOLDING = ['PENDING', 'RUNNING', 'CANCELLING'];
const STOPPED = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED', 'SCHEDULED', 'PAUSED'];

const choice: fc.Arbitrary<Choice> = fc.record({
  run: fc.nat(2),
  kind: fc.nat(1000),
  name: fc.constantFrom(null, null, 'Submitting', 'AwaitingRetry', 'Late', 'Suspended'),
  force: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
  client: fc.constantFrom('3.8.8', '3.8.8', '3.4.11', '3.4.10', null),
});

const deploymentWalk = fc.record({
  limit: fc.constantFrom(1, 1, 2),
  strategy: fc.constantFrom(null, 'ENQUEUE', 'CANCEL_NEW'),
  retries: fc.constantFrom(0, 1),
  choices: fc.array(choice, { minLength: 6, maxLength: 14 }),
});

const taskWalk = fc.record({
  limits: fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(0, 1, 2)),
  tags: fc.array(fc.constantFrom<number[]>([0], [1], [0, 1]), { minLength: 3, maxLength: 3 }),
  choices: fc.array(choice, { minLength: 6, maxLength: 14 }),
});

interface Parameters {
  numRuns: number;
  /** Printed with a failure, to play it again. */
  seed?: number;
}

export function deploymentsWalk(servers: Servers, parameters: Parameters): Promise<void> {
  const property = fc.asyncProperty(deploymentWalk, async ({ choices, ...given }) => {
    const pair = await Both.begin(servers, (base) => deployedRuns(base, given));
    const holding = new Set<number>();
    const retrying = new Set<number>();
    for (const { run, kind, force, name, client } of choices) {
      const isHolder = holding.has(run);
      const own = isHolder ? HOLDING : ['PENDING', 'PENDING', 'PENDING'];
      // Of a run that waits for its retry with a slot Prefect takes another one, and gives back only that.
      const types = [...STOPPED, ...(retrying.has(run) ? ['RUNNING'] : own)];
      const type = types[kind % types.length]!;
      // Without the rules a run is pending without a slot.
      const body = { state: { type, name }, force: force && (isHolder || type !== 'PENDING') };
      const state = await pair.set('flow_runs', run, body, client);
      if (state.written && state.retries) retrying.add(run);
      else if (state.written) retrying.delete(run);
      if (state.written && !HOLDING.includes(state.type) && !state.retries) holding.delete(run);
      if (state.written && state.type === 'PENDING') holding.add(run);
      await pair.sameSlots();
    }
  });
  return fc.assert(property, { ...parameters, endOnFailure: true });
}

export function tasksWalk(servers: Servers, parameters: Parameters): Promise<void> {
  const property = fc.asyncProperty(taskWalk, async ({ choices, ...given }) => {
    // A task of two tags that Prefect stops for one of them takes a slot of the other, for ever.
    const closed = given.limits[1] === 0;
    const tags = given.tags.map((some) => (closed && some.length > 1 ? [1] : some));
    const pair = await Both.begin(servers, (base) => taggedRuns(base, { ...given, tags }));
    for (const { run, kind, force, name, client } of choices) {
      const types = [...STOPPED, 'PENDING', 'CANCELLING', 'RUNNING', 'RUNNING', 'RUNNING', 'RUNNING'];
      const state = { type: types[kind % types.length]!, name };
      await pair.set('task_runs', run, { state, force }, client);
      await pair.sameSlots();
    }
  });
  return fc.assert(property, { ...parameters, endOnFailure: true });
}

interface Seeded {
  runs: string[];
  limits: string[];
}

type Row = Record<string, unknown> & { id: string };

/** Prefect on SQLite is busy at times, and has done nothing then. */
async function patient(base: string, request: Request, left = 5): Promise<Answer> {
  const answer = await ask(base, request);
  if (answer.status !== 503 || left === 0) return answer;
  await sleep(300);
  return patient(base, request, left - 1);
}

async function create(base: string, path: string, body: unknown): Promise<Row> {
  const answer = await patient(base, { method: 'POST', path, body });
  if (answer.status > 299) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.body as Row;
}

let count = 0;
const fresh = (): string => `walk-${process.pid}-${Date.now()}-${count++}`;

async function deployedRuns(
  base: string,
  given: { limit: number; strategy: string | null; retries: number },
): Promise<Seeded> {
  const { id: flow_id } = await create(base, '/flows/', { name: fresh() });
  const deployment = await create(base, '/deployments/', {
    flow_id,
    name: 'd',
    concurrency_limit: given.limit,
    concurrency_options: given.strategy && { collision_strategy: given.strategy },
  });
  const run = {
    flow_id,
    deployment_id: deployment.id,
    state: { type: 'SCHEDULED' },
    empirical_policy: { retries: given.retries, retry_delay: 0 },
  };
  const runs: string[] = [];
  for (let at = 0; at < 3; at++) runs.push((await create(base, '/flow_runs/', run)).id);
  return { runs, limits: [`deployment:${deployment.id}`] };
}

async function taggedRuns(base: string, given: { limits: number[]; tags: number[][] }): Promise<Seeded> {
  const names = given.limits.map(fresh);
  for (const [at, tag] of names.entries())
    await create(base, '/concurrency_limits/', { tag, concurrency_limit: given.limits[at] });
  const { id: flow_id } = await create(base, '/flows/', { name: fresh() });
  const flowRun = await create(base, '/flow_runs/', { flow_id, state: { type: 'RUNNING' } });
  const runs: string[] = [];
  for (const [at, tags] of given.tags.entries()) {
    const run = {
      flow_run_id: flowRun.id,
      task_key: 'k',
      dynamic_key: String(at),
      state: { type: 'PENDING' },
    };
    runs.push((await create(base, '/task_runs/', { ...run, tags: tags.map((tag) => names[tag]!) })).id);
  }
  return { runs, limits: names.map((tag) => `tag:${tag}`) };
}

interface Answered {
  status: string;
  state: {
    type: string;
    name: string;
    state_details: { deployment_concurrency_lease_id: string | null };
  } | null;
  details: { reason?: string };
}

class Both {
  private readonly sides: { base: string; seeded: Seeded }[];
  /** What was asked and answered, for people. */
  private readonly story: string[] = [];

  private constructor(sides: { base: string; seeded: Seeded }[]) {
    this.sides = sides;
  }

  static async begin(servers: Servers, seed: (base: string) => Promise<Seeded>): Promise<Both> {
    const bases = [servers.oracle, servers.ours];
    return new Both(await Promise.all(bases.map(async (base) => ({ base, seeded: await seed(base) }))));
  }

  async set(kind: string, run: number, body: object, client: string | null) {
    const headers = { 'user-agent': client && `prefect/${client} (API 0.8.4)` };
    const answers = await Promise.all(
      this.sides.map(({ base, seeded }) => {
        const path = `/${kind}/${seeded.runs[run]}/set_state`;
        return patient(base, { method: 'POST', path, body, headers });
      }),
    );
    const [oracle, ours] = answers.map(({ status, body }) => shown(status, body as Answered));
    this.compare(`run ${run} ${JSON.stringify(body)} by ${client}`, oracle, ours);
    const { state, status } = answers[0]!.body as Answered;
    return {
      written: answers[0]!.status === 201,
      type: state?.type ?? '',
      retries: status === 'REJECT' && state?.name === 'AwaitingRetry',
    };
  }

  async sameSlots(): Promise<void> {
    const [oracle, ours] = await Promise.all(
      this.sides.map(({ base, seeded }) =>
        Promise.all(
          seeded.limits.map(async (name) => {
            const answer = await patient(base, { method: 'GET', path: `/v2/concurrency_limits/${name}` });
            return String((answer.body as Row)['active_slots']);
          }),
        ),
      ),
    );
    this.compare('slots', oracle, ours);
  }

  private compare(what: string, oracle: unknown, ours: unknown): void {
    const [left, right] = [JSON.stringify(oracle), JSON.stringify(ours)];
    this.story.push(`${what}\n    Prefect ${left}`);
    if (left !== right) throw new Error(`${this.story.join('\n')}\n    ours    ${right}`);
  }
}

/** Ids, moments and how long to wait are each server's own. */
function shown(http: number, { status, state, details }: Answered): unknown {
  return {
    http,
    status,
    state: state && `${state.type} ${state.name}`,
    hasLease: Boolean(state?.state_details.deployment_concurrency_lease_id),
    reason: details.reason?.replace(/walk-[\d-]+/g, 'tag'),
  };
}
