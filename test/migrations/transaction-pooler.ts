/**
 * What PgBouncer is in transaction mode, as far as a client can tell: each transaction gets a connection of the
 * server that others have used before, run-time parameters of the session are refused or dropped, and the process id
 * that clients are told is made up.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { PostgresTarget } from '../../src/settings/settings.ts';

const TERMINATE = 'X'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);
/** PgBouncer refuses what it doesn't follow, but for what `ignore_startup_parameters` names. */
const KNOWN = ['user', 'database', 'application_name', 'client_encoding', 'DateStyle', 'TimeZone'];

export interface Pooler {
  readonly target: PostgresTarget;
  close(): Promise<void>;
}

/** @param next which connection that waits is given to the next transaction: PgBouncer has a setting for it */
export async function openPooler(
  of: PostgresTarget,
  ignored: readonly string[] = [],
  next: 'used last' | 'used first' = 'used first',
): Promise<Pooler> {
  const pool = new Pool(of, next);
  const clients = new Set<Socket>();
  const server: Server = createServer((socket) => {
    clients.add(socket);
    serve(socket, pool, ignored);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    target: { ...of, host: '127.0.0.1', port },
    async close() {
      for (const socket of clients) socket.destroy();
      pool.close();
      server.close();
    },
  };
}

class Pool {
  private readonly of: PostgresTarget;
  private readonly next: 'used last' | 'used first';
  private readonly free: Socket[] = [];
  private readonly all = new Set<Socket>();

  constructor(of: PostgresTarget, next: 'used last' | 'used first') {
    this.of = of;
    this.next = next;
  }

  async take(): Promise<Socket> {
    if (this.next === 'used last' && this.free.length > 0) return this.free.pop()!;
    // With two or more of them no client meets its last one by chance.
    if (this.free.length > 1) return this.free.shift()!;
    const socket = connect(this.of.port, this.of.host);
    this.all.add(socket);
    const text = ['user', this.of.user, 'database', this.of.database, ''].map((word) => `${word}\0`).join('');
    const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(text)]);
    socket.write(Buffer.concat([lengthOf(body), body]));
    await new Promise<void>((resolve) => {
      const onData = reader((type) => {
        if (type !== READY) return;
        socket.off('data', onData);
        resolve();
      });
      socket.on('data', onData);
    });
    return socket;
  }

  give(socket: Socket): void {
    this.free.push(socket);
  }

  close(): void {
    for (const socket of this.all) socket.destroy();
  }
}

function serve(client: Socket, pool: Pool, ignored: readonly string[]): void {
  let server: Promise<Socket> | undefined;
  let begun = false;
  const onServerData = (socket: Socket) => {
    const onData = reader((type, message) => {
      client.write(message);
      if (type !== READY || message[5] !== IDLE) return;
      socket.off('data', onData);
      server = undefined;
      pool.give(socket);
    });
    socket.on('data', onData);
    return socket;
  };
  const onMessage = reader((type, message) => {
    if (type === TERMINATE) return void client.end();
    server ??= pool.take().then(onServerData);
    void server.then((socket) => socket.write(message));
  });
  client.on('error', () => {});
  // Of a transaction whose client is gone nobody knows whether it would go on.
  client.on('close', () => void server?.then((socket) => socket.destroy()));
  client.on('data', (data) => {
    if (begun) return onMessage(data);
    begun = true;
    client.write(greeting(data, ignored));
  });
}

/** Nobody has to say who they are. */
function greeting(startup: Buffer, ignored: readonly string[]): Buffer {
  const words = startup.subarray(8).toString().split('\0');
  const names = words.filter((word, at) => at % 2 === 0 && word !== '');
  const refused = names.find((name) => !KNOWN.includes(name) && !ignored.includes(name));
  if (refused !== undefined)
    return message('E', Buffer.from(`SFATAL\0C08P01\0Munsupported startup parameter: ${refused}\0\0`));
  const madeUp = Buffer.alloc(8);
  madeUp.writeInt32BE(2_000_000_000);
  return Buffer.concat([message('R', Buffer.alloc(4)), message('K', madeUp), message('Z', Buffer.from('I'))]);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), lengthOf(body), body]);
}

function lengthOf(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return length;
}

/** Cuts what comes in pieces of any size into messages. */
function reader(onMessage: (type: number, message: Buffer) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = rest.readInt32BE(1) + 1;
      const whole = rest.subarray(0, end);
      rest = rest.subarray(end);
      onMessage(whole[0]!, whole);
    }
  };
}
