/** Compares two answers to one request. */
import { JsonNumber, stringifyJson } from '../../src/json/json.ts';
import type { Pair } from './pair.ts';
import type { Answer } from './request.ts';
import type { Step } from './sequence.ts';

export interface Difference {
  /** `status`, `header.location`, `body.state.name` ... */
  at: string;
  oracle: string;
  ours: string;
  why: string;
}

const SECONDS = new Set([
  'estimated_run_time',
  'total_run_time',
  'estimated_start_time_delta',
  'sum_estimated_run_time',
  'sum_estimated_lateness',
  // Of the dashboard's history.
  'duration',
  'lateness',
]);
/** Sets on Prefect's side. */
const UNORDERED = new Set(['capabilities', 'pause_keys']);

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof JsonNumber);
const isNumber = (value: unknown): value is number | JsonNumber =>
  typeof value === 'number' || value instanceof JsonNumber;

export function compareAnswers(step: Step, oracle: Answer, ours: Answer, pair: Pair): Difference[] {
  if (oracle.status >= 500) return compareWithFailure(oracle, ours);
  const differences: Difference[] = [];
  if (oracle.status !== ours.status) {
    const [left, right] = [oracle, ours].map((answer) => `${answer.status} ${answer.text.slice(0, 300)}`);
    return [{ at: 'status', oracle: left!, ours: right!, why: 'differs' }];
  }
  if (step.statusOnly) return [];
  differences.push(...compareHeaders(oracle, ours, pair));
  const comparison = new Comparison(step, pair);
  if (oracle.status === 422 && isInvalidRequest(oracle.body))
    comparison.invalidRequest(oracle.body, ours.body);
  else comparison.values(oracle.body, ours.body, 'body');
  return [...differences, ...comparison.differences];
}

/** Where Prefect fails there is nothing to be like: any refusal will do. */
function compareWithFailure(oracle: Answer, ours: Answer): Difference[] {
  if (ours.status >= 400 && ours.status < 500) return [];
  const right = `${ours.status} ${ours.text.slice(0, 300)}`;
  return [
    { at: 'status', oracle: String(oracle.status), ours: right, why: 'should be 4xx where Prefect fails' },
  ];
}

type Headers = Answer['headers'];
/** The headers that clients look at, each in the form in which it is compared. */
const HEADERS: Record<string, (value: string) => string> = {
  'content-type': (value) => value.toLowerCase().replace(/\s/g, ''),
  location: (value) => new URL(value, 'http://x').pathname,
  // The file is named after the run.
  'content-disposition': (value) => value.replace(/[\w-]+\.csv/, '*.csv'),
  'retry-after': (value) => (Number.isNaN(Number(value)) ? value : 'a number'),
};

function compareHeaders(oracle: Answer, ours: Answer, pair: Pair): Difference[] {
  return Object.entries(HEADERS).flatMap(([name, form]) => {
    const shown = ({ [name]: value }: Headers) => (value === undefined ? '(absent)' : form(value));
    const [left, right] = [shown(oracle.headers), shown(ours.headers)];
    const same = pair.texts(left, right, `header.${name}`) === undefined;
    return same ? [] : [{ at: `header.${name}`, oracle: left, ours: right, why: 'differs' }];
  });
}

/** A number as Python sees it: 1 and 1.0 are two things, 1e3 and 1000.0 are one. */
function inPython(number: number | JsonNumber): string {
  const text = stringifyJson(number);
  if (/^-?\d+$/.test(text)) return text;
  const value = Number(text);
  return `float ${Object.is(value, -0) ? '-0' : value}`;
}

const lastKey = (at: string): string => at.slice(at.lastIndexOf('.') + 1);
const isInvalidRequest = (body: unknown): body is Members =>
  isMembers(body) && Array.isArray(body['exception_detail']);

class Comparison {
  readonly differences: Difference[] = [];
  private readonly step: Step;
  private readonly pair: Pair;

  constructor(step: Step, pair: Pair) {
    this.step = step;
    this.pair = pair;
  }

  /** Of a 422 the messages are pydantic's own prose; place and kind of each error are not. */
  invalidRequest(oracle: Members, ours: unknown): void {
    if (!isInvalidRequest(ours)) {
      this.differ('body', oracle, ours, 'is no refusal of that kind');
      return;
    }
    const strip = ({ exception_detail: _, ...rest }: Members) => rest;
    this.values(strip(oracle), strip(ours), 'body');
    const items = (body: Members) =>
      (body['exception_detail'] as Members[]).map(({ loc, type }) => `${stringifyJson(loc)} ${type}`).sort();
    const [left, right] = [items(oracle), items(ours)];
    if (left.join('\n') === right.join('\n')) return;
    const without = (some: string[], others: string[]) =>
      some.filter((item) => !others.includes(item)).join('; ');
    this.differ('body.exception_detail', without(left, right), without(right, left), 'other errors');
  }

  values(oracle: unknown, ours: unknown, at: string): void {
    if (typeof oracle === 'string' && typeof ours === 'string') this.texts(oracle, ours, at);
    else if (isNumber(oracle) && isNumber(ours)) this.numbers(oracle, ours, at);
    else if (Array.isArray(oracle) && Array.isArray(ours)) this.lists(oracle, ours, at);
    else if (isMembers(oracle) && isMembers(ours)) this.members(oracle, ours, at);
    else if (oracle !== ours) this.differ(at, oracle, ours);
  }

  private texts(oracle: string, ours: string, at: string): void {
    const isLink = /(^|\.)next_page$/.test(at);
    const form = (text: string) => (isLink ? new URL(text).pathname : text);
    const wrong = this.pair.texts(form(oracle), form(ours), at);
    if (wrong) this.differ(at, oracle, ours, wrong);
  }

  private numbers(oracle: number | JsonNumber, ours: number | JsonNumber, at: string): void {
    if (inPython(oracle) === inPython(ours)) return;
    const [left, right] = [Number(oracle), Number(ours)];
    const near = Math.abs(left - right) * 1000 <= this.pair.slackMs && (left === 0) === (right === 0);
    if (!this.isSeconds(at)) this.differ(at, oracle, ours);
    else if (!near) this.differ(at, oracle, ours, 'lies too far apart');
  }

  private isSeconds(at: string): boolean {
    if (at === 'body') return this.step.seconds === true;
    const key = lastKey(at);
    return SECONDS.has(key) || (Array.isArray(this.step.seconds) && this.step.seconds.includes(key));
  }

  private lists(oracle: unknown[], ours: unknown[], at: string): void {
    if (oracle.length !== ours.length) {
      this.differ(at, oracle, ours, `should have ${oracle.length} items, has ${ours.length}`);
      return;
    }
    const free = UNORDERED.has(lastKey(at)) || (this.step.unordered && /^body(\.\w+)?$/.test(at));
    const partners = free ? this.partners(oracle, ours, at) : ours;
    for (const [i, item] of oracle.entries()) this.values(item, partners[i], `${at}.${i}`);
  }

  /** The second list in the order of the first: each item beside the first free one that says the same. */
  private partners(oracle: unknown[], ours: unknown[], at: string): unknown[] {
    const free = [...ours];
    const chosen = oracle.map((item) => {
      const index = free.findIndex((candidate) => this.same(item, candidate, at));
      return index < 0 ? undefined : free.splice(index, 1)[0];
    });
    return chosen.map((item) => (item === undefined ? free.shift() : item));
  }

  private same(oracle: unknown, ours: unknown, at: string): boolean {
    const trial = new Comparison(this.step, this.pair.trial());
    trial.values(oracle, ours, `${at}.0`);
    if (trial.differences.length > 0) return false;
    this.pair.adopt(trial.pair);
    return true;
  }

  private members(oracle: Members, ours: Members, at: string): void {
    const keys = [...new Set([...Object.keys(oracle), ...Object.keys(ours)])].sort();
    const unpaired: [string[], string[]] = [[], []];
    for (const key of keys) {
      if (!(key in ours)) unpaired[0].push(key);
      else if (!(key in oracle)) unpaired[1].push(key);
      else this.values(oracle[key], ours[key], `${at}.${key}`);
    }
    this.keys(oracle, ours, unpaired, at);
  }

  /** Maps whose keys are ids (counts by flow run): pair the keys as texts. */
  private keys(oracle: Members, ours: Members, [left, right]: [string[], string[]], at: string): void {
    for (const key of left) {
      const index = right.findIndex((other) => this.same([key, oracle[key]], [other, ours[other]], at));
      if (index >= 0) right.splice(index, 1);
      else this.differ(`${at}.${key}`, oracle[key], undefined, 'is missing');
    }
    for (const key of right) this.differ(`${at}.${key}`, undefined, ours[key], 'is not there in Prefect');
  }

  private differ(at: string, oracle: unknown, ours: unknown, why = 'differs'): void {
    this.differences.push({ at, oracle: show(oracle), ours: show(ours), why });
  }
}

function show(value: unknown): string {
  if (value === undefined) return '(absent)';
  const text = typeof value === 'string' ? JSON.stringify(value) : stringifyJson(value);
  return text.length > 400 ? `${text.slice(0, 400)} ... (${text.length} characters)` : text;
}
