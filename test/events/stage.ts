import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { createApp } from '../../src/api/app.ts';
import type { Database } from '../../src/db/database.ts';
import { resolveSettings } from '../../src/settings/settings.ts';

export interface Stage {
  url: string;
  /** What the server has logged, parsed. */
  logged: Record<string, unknown>[];
  close(): Promise<void>;
}

/** The API on a port of its own; `env` are settings. */
export async function serve(db: Database, env: Record<string, string> = {}): Promise<Stage> {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const settings = resolveSettings({ env: { HOME: '/nonexistent', ...env }, cwd: '/' });
  const app = createApp({ db, settings, log });
  await new Promise<void>((resolve) => app.server.listen(0, '127.0.0.1', resolve));
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/api`, logged, close: () => app.close() };
}

export interface Closed {
  code: number;
  reason: string;
}

/** A websocket client that keeps what it gets. */
export class Client {
  readonly ws: WebSocket;
  readonly received: unknown[] = [];
  readonly closed: Promise<Closed>;
  private readonly wanted: (() => void)[] = [];
  private pings = 0;

  constructor(
    url: string,
    protocols: string[] = ['prefect'],
    options: object = { perMessageDeflate: false },
  ) {
    this.ws = new WebSocket(url.replace('http', 'ws'), protocols, { autoPong: true, ...options });
    this.ws.on('message', (data) => {
      this.received.push(JSON.parse(String(data)));
      for (const check of this.wanted) check();
    });
    this.ws.on('error', () => {});
    this.closed = new Promise((resolve) =>
      this.ws.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  /** Resolves when connected; fails with the HTTP status of a refusal. */
  open(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.ws.once('open', () => resolve(this));
      this.ws.once('unexpected-response', (_request, response) =>
        reject(new Error(String(response.statusCode))),
      );
      this.ws.once('error', reject);
    });
  }

  /** Says who it is, and waits for the answer. */
  async enter(token: string | null = null): Promise<this> {
    await this.open();
    this.send({ type: 'auth', token });
    await this.until(1);
    this.received.shift();
    return this;
  }

  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves at the answer to a ping of its own. */
  ping(): Promise<void> {
    const name = String(++this.pings);
    return new Promise((resolve) => {
      const onPong = (data: Buffer) => {
        if (String(data) !== name) return;
        this.ws.off('pong', onPong);
        resolve();
      };
      this.ws.on('pong', onPong);
      this.ws.ping(name);
    });
  }

  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.received.length >= count) resolve();
      };
      this.wanted.push(check);
      check();
    });
  }
}
