import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { MigrationProgress, MigrationReporter } from '../migrations/progress.ts';
import { serveWithoutUpgrade, wantsWebsocket } from './without-upgrade.ts';

/** What the port answers while the database is brought up to date: probes are told so, and everyone else to come again. */
export interface WaitingRoom extends Required<MigrationReporter> {
  /** Leaves the server to whoever answers next, its connections with it. */
  leave(): void;
}

const MAX_RETRY_AFTER_SECONDS = 30;

export function openWaitingRoom(server: Server, base: string): WaitingRoom {
  const since = performance.now();
  let progress: MigrationProgress | null = null;
  let last = '';
  const seconds = (): number => (performance.now() - since) / 1000;

  const ready = () => ({
    message: 'The database is being brought up to date.',
    // Another process may be at it: there is no progress of our own then.
    state: progress ? 'migrating' : 'waiting',
    migrated: false,
    detail: last,
    seconds: Math.round(seconds()),
    migration: progress && spell(progress),
  });
  const onRequest: RequestListener = ({ method, url = '/' }, response) => {
    const path = method === 'GET' ? url.split('?', 1)[0] : '';
    const [status, body]: [number, unknown] =
      path === `${base}/health` ? [200, true] : [503, path === `${base}/ready` ? ready() : UNAVAILABLE];
    const text = JSON.stringify(body);
    response.setHeader('content-type', 'application/json');
    response.setHeader('content-length', Buffer.byteLength(text));
    if (status === 503) response.setHeader('retry-after', retryAfter(seconds()));
    response.writeHead(status);
    response.end(text);
  };
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (wantsWebsocket(request)) refuse(stream, seconds());
    else serveWithoutUpgrade(server, request, stream, head);
  };
  server.on('request', onRequest);
  server.on('upgrade', onUpgrade);
  return {
    begin(text) {
      last = text;
    },
    line(text) {
      last = text;
    },
    progress(now) {
      progress = now;
    },
    leave() {
      server.off('request', onRequest);
      server.off('upgrade', onUpgrade);
    },
  };
}

/** In the shape of Prefect's exception handlers. */
const UNAVAILABLE = { exception_message: 'Service Unavailable: the database is being brought up to date.' };

function refuse(stream: Duplex, seconds: number): void {
  const head = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${retryAfter(seconds)}\r\n`;
  stream.on('error', () => {});
  stream.end(`${head}Content-Length: 0\r\nConnection: close\r\n\r\n`);
}

/** What has taken long will take long; a client that gives up after a few tries should outlast it. */
const retryAfter = (seconds: number): number =>
  Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(seconds)));

function spell({ elapsedMs, rows, ...place }: MigrationProgress) {
  return { ...place, rows: rows ?? null, seconds: Math.round(elapsedMs / 1000) };
}
