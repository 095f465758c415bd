import type { RawData, WebSocket } from 'ws';

/** Seconds; an interval of 0 sends no pings. */
export interface KeepAlive {
  interval: number;
  timeout: number;
}

/** The longest reason that a close frame has room for. */
const REASON_BYTES = 123;

/** A client waits for the answer to one ping, or to a few. One that never reads them would fill our memory. */
const MOST_UNANSWERED_PINGS = 10_000;

/** A websocket that speaks in text, as all of Prefect's do. The owner of the conversation sets the handlers. */
export class Socket {
  private readonly ws: WebSocket;
  private keepAliveTimer: NodeJS.Timeout | undefined;
  private closing = false;
  private unansweredPings = 0;

  /** Called with each text frame, until the server closes the conversation. */
  onText: (text: string, bytes: number) => void = () => {};
  /** Called with each ping; answers at once unless the owner has something to do first. */
  onPing: (answer: () => void) => void = (answer) => answer();
  onClose: () => void = () => {};
  /** Called with what `onText` has thrown, which it isn't meant to. */
  onFailure: (error: unknown) => void = () => {};

  constructor(ws: WebSocket, keepAlive: KeepAlive) {
    this.ws = ws;
    ws.on('message', (data, isBinary) => this.receive(data, isBinary));
    ws.on('ping', (data) => this.receivePing(data));
    ws.on('close', () => {
      clearInterval(this.keepAliveTimer);
      this.onClose();
    });
    // Broken and oversized frames: ws has closed with the code for it (1002, 1007, 1009) already.
    ws.on('error', () => {});
    if (keepAlive.interval > 0) this.keepAlive(keepAlive);
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.closing) return;
    const bytes = data as Buffer;
    try {
      if (isBinary) this.close(1003, 'Send text frames.');
      else this.onText(bytes.toString('utf8'), bytes.length);
    } catch (error) {
      // What nobody has thought of ends this conversation, not the server.
      this.onFailure(error);
      this.close(1011, 'The server failed at what was sent.');
    }
  }

  private receivePing(data: Buffer): void {
    this.unansweredPings++;
    const answered = () => {
      this.unansweredPings--;
    };
    if (this.unansweredPings > MOST_UNANSWERED_PINGS) this.terminate();
    else this.onPing(() => this.ifOpen(() => this.ws.pong(data, undefined, answered)));
  }

  send(text: string, onSent?: () => void): void {
    this.ifOpen(() => this.ws.send(text, onSent));
  }

  close(code: number, reason: string): void {
    if (this.closing) return;
    this.closing = true;
    this.ws.resume();
    this.ws.close(code, cut(reason));
  }

  /** Ends a conversation whose other side may not listen any more. */
  terminate(): void {
    this.closing = true;
    this.ws.terminate();
  }

  pause(): void {
    this.ws.pause();
  }

  resume(): void {
    if (!this.closing) this.ws.resume();
  }

  /** Bytes that wait for the other side to read them. */
  get bufferedBytes(): number {
    return this.ws.bufferedAmount;
  }

  get isOpen(): boolean {
    return !this.closing && this.ws.readyState === this.ws.OPEN;
  }

  private ifOpen(act: () => void): void {
    if (this.ws.readyState === this.ws.OPEN) act();
  }

  /** A connection that has died without a word would be kept for ever. While we don't read, no answer can be expected. */
  private keepAlive({ interval, timeout }: KeepAlive): void {
    let answered = true;
    let pinged = 0;
    this.ws.on('pong', () => {
      answered = true;
    });
    this.keepAliveTimer = setInterval(() => {
      if (this.ws.isPaused) answered = true;
      if (!answered && Date.now() - pinged >= timeout * 1000) return this.terminate();
      if (!answered) return;
      answered = false;
      pinged = Date.now();
      this.ifOpen(() => this.ws.ping());
    }, interval * 1000);
    this.keepAliveTimer.unref();
  }
}

function cut(reason: string): string {
  if (Buffer.byteLength(reason) <= REASON_BYTES) return reason;
  return Buffer.from(reason)
    .subarray(0, REASON_BYTES - 3)
    .toString('utf8')
    .replace(/�+$/, '')
    .concat('...');
}
