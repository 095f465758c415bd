import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { Socket } from '../events/socket.ts';
import { eventSockets } from './event-sockets.ts';
import { sameText } from './guard.ts';
import { logSockets } from './log-sockets.ts';
import type { Services } from './mount.ts';
import { taskSockets } from './task-sockets.ts';
import { serveWithoutUpgrade, wantsWebsocket } from './without-upgrade.ts';
import { workerSockets } from './worker-sockets.ts';

/** One path that is a websocket. */
export interface SocketRoute {
  /** Below the API's base path: `/events/in`; a `{name}` stands for one segment. */
  path: string;
  /** Old clients may leave out the subprotocol, and with it the handshake, unless this is set. */
  requiresSubprotocol?: boolean;
  /** Told to a client whose handshake is refused, instead of what is wrong with it. */
  refusalReason?: string;
  /** Prefect's handshake is done: sets the handlers of the conversation, before it returns. */
  accept(socket: Socket, params: Record<string, string>): void;
}

/** The routes of one subject, and what they need to end well. */
export interface SocketGroup {
  routes: SocketRoute[];
  /** Called when the server stops, before the sockets are closed: what has been read is still to be finished. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface Sockets {
  /** Finishes what the clients have sent, tells them that the server restarts, and hangs up. */
  close(): Promise<void>;
}

const SUBPROTOCOL = 'prefect';

/** As uvicorn has it. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** A client that doesn't say who it is isn't waited for. */
const AUTH_TIMEOUT_MS = 60_000;

const HANG_UP_MS = 1000;

/** Serves every websocket of the API on the HTTP server's own port. */
export function attachSockets(server: Server, services: Services): Sockets {
  const groups = [
    eventSockets(services),
    logSockets(services),
    taskSockets(services),
    workerSockets(services),
  ];
  const match = matcher(services.settings.server.api.basePath ?? '/api', groups);
  const authString = services.settings.server.api.authString?.reveal() ?? null;
  const upgrader = createUpgrader();
  let open = true;
  server.on('upgrade', (request, stream, head) => {
    if (!wantsWebsocket(request)) return serveWithoutUpgrade(server, request, stream, head);
    const found = open ? match(request.url ?? '/') : undefined;
    const speaksPrefect = offersSubprotocol(request);
    const isOld = !speaksPrefect && (authString !== null || found?.route.requiresSubprotocol);
    // Starlette answers 403 to a websocket that nobody accepts, whatever the reason.
    if (!found || isOld) return refuse(stream);
    upgrader.handleUpgrade(request, stream, head, (ws) => {
      const socket = new Socket(ws, keepAlive(services));
      socket.onFailure = (err) =>
        services.log.error({ err, path: found.route.path }, 'a frame made a socket fail');
      const accept = () => found.route.accept(socket, found.params);
      if (speaksPrefect) shakeHands(socket, authString, found.route.refusalReason, accept);
      else accept();
    });
  });
  return {
    async close() {
      open = false;
      for (const ws of upgrader.clients) ws.pause();
      for (const group of groups) await group.finish();
      await hangUp(upgrader);
      for (const group of groups) await group.close();
    },
  };
}

function createUpgrader(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    autoPong: false,
    maxPayload: MAX_FRAME_BYTES,
    // Prefect's client compresses; it costs us more than it saves, so what we send stays as it is.
    perMessageDeflate: { threshold: Number.MAX_SAFE_INTEGER, concurrencyLimit: 4 },
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
}

function keepAlive({ settings }: Services): { interval: number; timeout: number } {
  const { websocketPingInterval: interval, websocketPingTimeout: timeout } = settings.server.api;
  return { interval, timeout };
}

type Found = { route: SocketRoute; params: Record<string, string> };

function matcher(base: string, groups: SocketGroup[]): (url: string) => Found | undefined {
  const patterns = groups.flatMap(({ routes }) =>
    routes.map((route) => ({
      route,
      pattern: new RegExp(`^${base}${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    })),
  );
  return (url) => {
    const path = url.split('?', 1)[0]!;
    for (const { route, pattern } of patterns) {
      const found = pattern.exec(path);
      if (found) return { route, params: decode(found.groups ?? {}) };
    }
    return undefined;
  };
}

function decode(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}

function offersSubprotocol({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((protocol) => protocol.trim() === SUBPROTOCOL);
}

function refuse(stream: Duplex): void {
  stream.on('error', () => {});
  stream.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}

/**
 * Prefect's handshake: the first frame says who it is. Pings are answered meanwhile, since clients send one to see
 * whether they are connected before they say it.
 */
function shakeHands(
  socket: Socket,
  authString: string | null,
  refusalReason: string | undefined,
  accept: () => void,
): void {
  const timeout = setTimeout(() => socket.close(1008, "Expected 'auth' message"), AUTH_TIMEOUT_MS);
  socket.onClose = () => clearTimeout(timeout);
  socket.onText = (text) => {
    clearTimeout(timeout);
    socket.onClose = () => {};
    socket.onText = () => {};
    const refusal = refusalOf(text, authString);
    if (refusal !== null) return socket.close(1008, refusalReason ?? refusal);
    socket.send('{"type":"auth_success"}');
    accept();
  };
}

function refusalOf(text: string, authString: string | null): string | null {
  let message: { type?: unknown; token?: unknown } | null = null;
  try {
    message = JSON.parse(text);
  } catch {
    // Not even JSON: no auth message either.
  }
  if (message?.type !== 'auth') return "Expected 'auth' message";
  if (authString === null) return null;
  if (typeof message.token !== 'string' || message.token === '') return 'Auth required but no token provided';
  return sameText(message.token, authString) ? null : 'Invalid token';
}

/** 1012: clients connect again, where after 1001 a subscriber would take it for the end. */
async function hangUp(upgrader: WebSocketServer): Promise<void> {
  const clients = [...upgrader.clients];
  const closed = clients.map((ws) => new Promise<void>((resolve) => ws.once('close', () => resolve())));
  for (const ws of clients) {
    ws.close(1012, 'The server stops or restarts.');
    discardFurther(ws);
  }
  await Promise.race([Promise.all(closed), sleep(HANG_UP_MS, undefined, { ref: false })]);
  for (const ws of clients) ws.terminate();
}

/** What arrives after the last commit isn't read: the client has no answer for it, and sends it again. */
function discardFurther(ws: WebSocket): void {
  ws.removeAllListeners('message');
  ws.removeAllListeners('ping');
  ws.resume();
}
