/** Plays one sequence on the oracle and on ours, and compares the answers to each step. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stringifyJson } from '../../src/json/json.ts';
import { compareAnswers, type Difference } from './compare.ts';
import { Pair } from './pair.ts';
import { fill, Generated, member, walk } from './references.ts';
import { type Answer, ask, askOracle, NoAnswer, type Request } from './request.ts';
import type { Sequence, Step } from './sequence.ts';

export interface Found extends Difference {
  /** Counted from 1. */
  step: number;
  request: string;
  /** The body, as it was sent to the oracle. */
  sent: string;
}

export interface Exchange {
  request: string;
  sent: string;
  oracle: Answer;
  /** Absent when nobody was compared with the oracle, or no longer. */
  ours?: Answer;
}

export interface Played {
  differences: Found[];
  transcript: Exchange[];
}

/** Bases of APIs, ending with /api. */
export interface Servers {
  oracle: string;
  /** Without one the oracle is only asked. */
  ours?: string;
  /** Ours is a real Prefect server too: for a look whether a sequence itself is sound. */
  twins?: boolean;
}

/** A hang lasts for about a minute. */
const ATTEMPTS = 10;

export async function play(sequence: Sequence, servers: Servers): Promise<Played> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await playOnce(sequence, servers);
    } catch (error) {
      // Every now and then the oracle hangs: the whole sequence again, under a new tag.
      if (!(error instanceof OracleFailed) || attempt === ATTEMPTS) throw error;
    }
  }
}

class OracleFailed extends Error {}

interface Player {
  send: (request: Request) => Promise<Answer>;
  saved: Map<string, unknown>;
}

async function playOnce(sequence: Sequence, servers: Servers): Promise<Played> {
  const generated = new Generated();
  const pair = new Pair();
  const oracle: Player = { send: (request) => sendToOracle(servers.oracle, request), saved: new Map() };
  let ours = servers.ours === undefined ? undefined : ourPlayer(servers.ours, servers.twins);
  const played: Played = { differences: [], transcript: [] };
  for (const [index, template] of sequence.steps.entries()) {
    const step = withGenerated(template, generated);
    pair.sent([step.path, step.body, step.raw, step.headers]);
    const answers = await Promise.all([take(step, oracle), ours && take(step, ours)]);
    const exchange = inTranscript(`${step.method} ${template.path}`, step, ...answers);
    played.transcript.push(exchange);
    const found = differencesIn(exchange, step, pair, servers.twins);
    const { request, sent } = exchange;
    played.differences.push(...found.map((one) => ({ ...one, step: index + 1, request, sent })));
    // What refers to this answer would only repeat the same difference.
    if (step.save && found.some(({ at }) => at === 'status')) ours = undefined;
  }
  return played;
}

const ourPlayer = (base: string, isTwin = false): Player => ({
  send: (request) => (isTwin ? sendToOracle(base, request) : ask(base, request)),
  saved: new Map(),
});

function inTranscript(request: string, step: Step, oracle: Answer, ours?: Answer): Exchange {
  if (step.save && oracle.status >= 400) throw refused(request, oracle);
  return { request, sent: sentText(step), oracle, ours };
}

function differencesIn({ oracle, ours }: Exchange, step: Step, pair: Pair, twins = false): Difference[] {
  if (!ours || (twins && oracle.status >= 500 && ours.status >= 500)) return [];
  pair.slackMs = Math.max(pair.slackMs, 1000 + oracle.ms, 1000 + ours.ms);
  return compareAnswers(step, oracle, ours, pair);
}

/** A mistake of the sequence: later steps need what this one should have made. */
const refused = (request: string, { status, text }: Answer): Error =>
  new Error(`${request} is refused by the real server: ${status} ${text.slice(0, 1000)}`);

const sentText = (step: Step): string =>
  step.raw ?? (step.body === undefined ? '' : stringifyJson(step.body));

async function sendToOracle(base: string, request: Request): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await askOracle(base, request);
  } catch (error) {
    if (error instanceof NoAnswer) throw new OracleFailed(error.message);
    throw error;
  }
  // What it does in the background writes beside its requests. In bulk it says so in the body of a 200.
  if (answer.text.includes('database is locked')) throw new OracleFailed(answer.text.slice(0, 300));
  return answer;
}

/** The step with `<tag>`, `<now>` and the like filled in: the part that both servers are sent alike. */
function withGenerated(step: Step, generated: Generated): Step {
  return filled(step, (reference) => generated.value(reference) ?? `<${reference}>`);
}

function filled(step: Step, resolve: (reference: string) => unknown): Step {
  if (step.literal) return step;
  const { path, body, raw, headers } = step;
  return { ...step, ...(fill({ path, body, raw, headers }, resolve) as Partial<Step>) };
}

async function take(step: Step, player: Player): Promise<Answer> {
  const request = filled(step, (reference) => member(player.saved, reference));
  const answer = await untilSettled(step, () => player.send(request));
  if (step.save) player.saved.set(step.save, answer.body);
  return answer;
}

const SETTLED_WITHIN_MS = 10_000;

async function untilSettled(step: Step, send: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const answer = await send();
    if (!step.until || Date.now() > deadline || isSettled(step.until, answer)) return answer;
    await sleep(150);
  }
}

function isSettled(until: { at: string; is: unknown }, answer: Answer): boolean {
  try {
    const value = walk(answer.body, until.at === '' ? [] : until.at.split('.'), until.at);
    return stringifyJson(value) === stringifyJson(until.is);
  } catch {
    return false;
  }
}
