/** Plays one sequence on the oracle and on one or more servers of ours, and compares the answers pair by pair. */
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
  /** Which of our servers. */
  server: number;
}

export interface Played {
  differences: Found[];
  /** What the oracle answered, step by step, for whoever wants to read it. */
  transcript: { request: string; sent: string; answers: Answer[] }[];
}

interface Player {
  send: (request: Request) => Promise<Answer>;
  saved: Map<string, unknown>;
}

/** A hang lasts for about a minute. */
const ATTEMPTS = 10;

/** Bases of APIs, ending with /api. */
export interface Servers {
  oracle: string;
  ours: string[];
  /** Ours are real Prefect servers too: for a look whether a sequence itself is sound. */
  twins?: boolean;
}

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

async function playOnce(sequence: Sequence, { oracle, ours, twins }: Servers): Promise<Played> {
  const generated = new Generated();
  const constants = new Set<string>();
  const pairs = ours.map(() => new Pair(constants));
  const players: Player[] = [oracle, ...ours].map((base, i) => ({
    send: (request) => (i === 0 || twins ? sendToOracle(base, request) : ask(base, request)),
    saved: new Map(),
  }));
  const played: Played = { differences: [], transcript: [] };
  const alive = ours.map(() => true);
  for (const [index, template] of sequence.steps.entries()) {
    const step = withGenerated(template, generated);
    for (const pair of pairs.slice(0, 1)) pair.sent([step.path, step.body, step.raw, step.headers]);
    const request = `${step.method} ${template.path}`;
    const sent = sentText(step);
    const answers = await Promise.all(
      players.map((player, i) => (i > 0 && !alive[i - 1] ? undefined : take(step, player))),
    );
    if (step.save && answers[0]!.status >= 400) throw refused(request, answers[0]!);
    played.transcript.push({
      request,
      sent,
      answers: answers.filter((answer) => answer !== undefined),
    });
    const slack = 1000 + Math.max(...answers.map((answer) => answer?.ms ?? 0));
    for (const [server, pair] of pairs.entries()) {
      const answer = answers[server + 1];
      if (!answer) continue;
      pair.slackMs = Math.max(pair.slackMs, slack);
      const bothFail = twins && answers[0]!.status >= 500 && answer.status >= 500;
      const found = bothFail ? [] : compareAnswers(step, answers[0]!, answer, pair);
      played.differences.push(...found.map((one) => ({ ...one, step: index + 1, request, sent, server })));
      // What refers to this answer would only repeat the same difference.
      if (step.save && found.some(({ at }) => at === 'status')) alive[server] = false;
    }
  }
  return played;
}

/** A mistake of the sequence: later steps need what this one should have made. */
const refused = (request: string, { status, text }: Answer): Error =>
  new Error(`${request} is refused by the real server: ${status} ${text.slice(0, 1000)}`);

const sentText = (step: Step): string =>
  step.raw ?? (step.body === undefined ? '' : stringifyJson(step.body));

async function sendToOracle(base: string, request: Request): Promise<Answer> {
  try {
    return await askOracle(base, request);
  } catch (error) {
    if (error instanceof NoAnswer) throw new OracleFailed(error.message);
    throw error;
  }
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
