/**
 * `npx tsx test/orchestration/record-pairs.ts http://127.0.0.1:4300/api`: asks a real Prefect server what becomes of
 * every pair of state types, and writes the answers to `fixtures/pairs.json`, where `pairs.test.ts` reads them.
 */
import { writeFileSync } from 'node:fs';
import { STATE_TYPES } from '../../src/schema/types.ts';
import { type Pair, pairName, pairs, summary } from './pairs.ts';

const api = process.argv[2] ?? 'http://127.0.0.1:4300/api';

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: Answer }> {
  for (;;) {
    const response = await fetch(api + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    // A busy SQLite: the same request succeeds later.
    if (response.status !== 503) return { status: response.status, body: (await response.json()) as Answer };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of a server that nobody has typed
type Answer = any;

async function flowRun(flowId: string, pair: Pair): Promise<string> {
  const policy = { retries: pair.retries };
  const run = { flow_id: flowId, empirical_policy: policy, state: { type: pair.from } };
  return (await ask('POST', '/flow_runs/', run)).body.id;
}

async function taskRun(flowRunId: string, key: number, pair: Pair): Promise<string> {
  const state = { type: pair.from, state_details: { deferred: pair.deferred } };
  const keys = { flow_run_id: flowRunId, task_key: 'pair', dynamic_key: String(key) };
  const run = { ...keys, empirical_policy: { retries: pair.retries }, state };
  return (await ask('POST', '/task_runs/', run)).body.id;
}

const flow = (await ask('POST', '/flows/', { name: `pairs-${Date.now()}` })).body.id;
const enclosing = (await ask('POST', '/flow_runs/', { flow_id: flow, state: { type: 'RUNNING' } })).body.id;
const lines: string[] = [];
for (const [i, pair] of pairs(STATE_TYPES).entries()) {
  const kind = pair.kind === 'flow' ? 'flow_runs' : 'task_runs';
  const id = pair.kind === 'flow' ? await flowRun(flow, pair) : await taskRun(enclosing, i, pair);
  const state = { type: pair.to, state_details: { deferred: pair.deferred } };
  const answer = await ask('POST', `/${kind}/${id}/set_state`, { state, force: pair.force });
  const run = (await ask('GET', `/${kind}/${id}`)).body;
  const outcome = { written: answer.status === 201, result: answer.body };
  lines.push(`${JSON.stringify(pairName(pair))}: ${JSON.stringify(summary(outcome, run))}`);
}
writeFileSync(new URL('fixtures/pairs.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
