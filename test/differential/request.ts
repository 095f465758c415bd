/** One request, without a connection kept: the oracle drops its connections after an unexpected 500. */
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJson, stringifyJson } from '../../src/json/json.ts';

export interface Request {
  method: string;
  /** Below the base of the API, or absolute (a page's own link to the next one). */
  path: string;
  body?: unknown;
  raw?: string;
  headers?: Record<string, string | null>;
}

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  /** The parsed text where it is JSON (numbers as they are spelled), else the text itself. */
  body: unknown;
  /** From the first attempt to the answer. */
  ms: number;
}

export class NoAnswer extends Error {}

const TIME_LIMIT_MS = 10_000;

export async function ask(base: string, request: Request): Promise<Answer> {
  const payload = request.raw ?? (request.body === undefined ? undefined : stringifyJson(request.body));
  const headers: Record<string, string> = { accept: '*/*' };
  if (payload !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(Buffer.byteLength(payload));
  }
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (value === null) delete headers[name.toLowerCase()];
    else headers[name.toLowerCase()] = value;
  }
  const url = request.path.startsWith('http') ? ownHost(base, request.path) : base + request.path;
  return exchange(url, request.method, headers, payload);
}

/** A link names the host under which the server sees itself; what it points at is asked where we see it. */
function ownHost(base: string, link: string): string {
  const url = new URL(link);
  return new URL(base).origin + url.pathname + url.search;
}

function exchange(
  url: string,
  method: string,
  headers: Record<string, string>,
  payload?: string,
): Promise<Answer> {
  const since = performance.now();
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        const ms = performance.now() - since;
        const { headers } = response;
        resolve({
          status: response.statusCode!,
          headers: headers as Answer['headers'],
          text,
          body: read(text),
          ms,
        });
      });
    });
    request.setTimeout(TIME_LIMIT_MS, () =>
      request.destroy(new NoAnswer(`No answer within ${TIME_LIMIT_MS} ms`)),
    );
    request.once('error', (error) => reject(new NoAnswer(`${method} ${url}: ${error.message}`)));
    request.end(payload);
  });
}

function read(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

const BUSY_RETRIES = 4;

/** As `ask`, for the oracle: its SQLite is busy every now and then, which it answers with 503. */
export async function askOracle(base: string, request: Request): Promise<Answer> {
  const since = performance.now();
  for (let attempt = 0; ; attempt++) {
    const answer = await ask(base, request);
    if (answer.status !== 503 || attempt >= BUSY_RETRIES) return { ...answer, ms: performance.now() - since };
    await sleep(100 * 2 ** attempt);
  }
}
