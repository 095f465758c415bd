import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from './raw.ts';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  opcode: number;
  payload: Buffer;
}

interface FrameOptions {
  fin?: boolean;
  masked?: boolean;
  reserved?: number;
  /** What the header says instead of the true length. */
  length?: bigint;
}

/** A frame as a client sends it, or as none should. */
export function frame(
  opcode: number,
  payload: string | Buffer,
  { fin = true, masked = true, reserved = 0, length }: FrameOptions = {},
): Buffer {
  const data = Buffer.from(payload);
  const header = Buffer.alloc(10);
  header[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  header[1] = (masked ? 0x80 : 0) | 127;
  header.writeBigUInt64BE(length ?? BigInt(data.length), 2);
  const short = length === undefined && data.length < 126;
  if (short) header[1] = (masked ? 0x80 : 0) | data.length;
  const mask = randomBytes(4);
  const sent = masked ? Buffer.from(data.map((byte, i) => byte ^ mask[i % 4]!)) : data;
  return Buffer.concat([short ? header.subarray(0, 2) : header, ...(masked ? [mask] : []), sent]);
}

/** A websocket of which every byte can be chosen. */
export class RawSocket {
  readonly stream: Socket;
  readonly status: number;
  readonly frames: Frame[] = [];
  closed = false;
  private unread = Buffer.alloc(0);

  private constructor(stream: Socket, status: number, rest: Buffer) {
    this.stream = stream;
    this.status = status;
    this.receive(rest);
    stream.on('data', (chunk) => this.receive(chunk));
    stream.on('close', () => {
      this.closed = true;
    });
  }

  static async connect(
    url: string,
    path: string,
    headers: Record<string, string> = PREFECT,
  ): Promise<RawSocket> {
    const stream = await open(url);
    const lines = Object.entries({ ...UPGRADE, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    stream.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    let head = Buffer.alloc(0);
    while (!head.includes('\r\n\r\n'))
      head = Buffer.concat([head, (await once(stream, 'data'))[0] as Buffer]);
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head.toString('latin1'))?.[1]);
    return new RawSocket(stream, status, head.subarray(head.indexOf('\r\n\r\n') + 4));
  }

  /** Connected, and past Prefect's handshake. */
  static async authenticated(url: string, path: string): Promise<RawSocket> {
    const socket = await RawSocket.connect(url, path);
    socket.send(frame(OPCODE.text, '{"type":"auth","token":null}'));
    await socket.next(OPCODE.text);
    return socket;
  }

  send(...frames: Buffer[]): void {
    this.stream.write(Buffer.concat(frames));
  }

  /** The code and the reason with which the server closes the conversation. */
  async closing(): Promise<{ code: number; reason: string }> {
    const { payload } = await this.next(OPCODE.close);
    return { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
  }

  /** Takes the next frame of this kind that has come or comes; those before it are left out. */
  async next(opcode: number): Promise<Frame> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const at = this.frames.findIndex((one) => one.opcode === opcode);
      if (at >= 0) return this.frames.splice(0, at + 1)[at]!;
      if (this.closed || Date.now() > deadline) throw new Error(`No frame with opcode ${opcode} has come.`);
      await sleep(5);
    }
  }

  end(): void {
    this.stream.destroy();
  }

  private receive(chunk: Buffer): void {
    this.unread = Buffer.concat([this.unread, chunk]);
    for (;;) {
      const { unread } = this;
      if (unread.length < 2) return;
      const [start, length] = this.measure();
      if (unread.length < start + length) return;
      this.frames.push({ opcode: unread[0]! & 0x0f, payload: unread.subarray(start, start + length) });
      this.unread = unread.subarray(start + length);
    }
  }

  /** Where the payload of the first frame begins, and how long it is. */
  private measure(): [start: number, length: number] {
    const short = this.unread[1]! & 0x7f;
    if (short < 126) return [2, short];
    if (this.unread.length < 10) return [10, 0];
    return short === 126 ? [4, this.unread.readUInt16BE(2)] : [10, Number(this.unread.readBigUInt64BE(2))];
  }
}

const UPGRADE = {
  Host: 'server',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
};
const PREFECT = { 'Sec-WebSocket-Protocol': 'prefect' };
