import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RawAnswer {
  status: number;
  body: string;
  /** Whether the server has closed the connection. */
  closed: boolean;
}

/** A connection on which bytes go out as they are. */
export async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes on a connection of their own and reads what comes back until the server closes, or says no more for a while. */
export async function sendRaw(url: string, bytes: string | Buffer, patienceMs = 500): Promise<RawAnswer> {
  const socket = await open(url);
  try {
    const answer = read(socket, patienceMs);
    socket.write(bytes);
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** The next answer on the connection; its body is whole where the server says how long it is, or closes. */
export async function read(socket: Socket, patienceMs = 500): Promise<RawAnswer> {
  let text = '';
  let closed = false;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const end = once(socket, 'close').then(() => {
    closed = true;
  });
  const deadline = Date.now() + 10_000;
  while (!closed && !isWhole(text) && Date.now() < deadline) await Promise.race([end, sleep(10)]);
  if (!closed) await Promise.race([end, sleep(patienceMs)]);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), body: rest.join('\r\n\r\n'), closed };
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /^content-length: (\d+)$/im.exec(text.slice(0, end).replaceAll('\r', ''))?.[1];
  return length !== undefined && text.length >= end + 4 + Number(length);
}

/** A request as text; a body is sent as JSON unless the headers say otherwise. */
export function spell(
  method: string,
  path: string,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
): Buffer {
  const all = {
    Host: 'server',
    ...(body.length > 0 && {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
    }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'),
    Buffer.from(body),
  ]);
}
